"""A rule set about a commune that does not fit together is refused, with the line that is wrong."""

from __future__ import annotations

import pytest

from tui_app.i18n import set_language
from tui_app.records.levels import LEVELS, LevelScale
from tui_app.rules.level_checks import OUTCOMES
from tui_app.rules.rule_set import load
from tui_app.rules.set_text import BadRuleSet
from tui_app.services.judging.rule_sets import text_of


@pytest.mark.parametrize(
    ("ident", "was", "becomes", "says"),
    [
        ("scenario-kh-152", "at_least = 100", "at_least = 101", "hở hoặc chồng"),
        ("scenario-kh-152", "at_most = 500", "at_most = 499", "hở hoặc chồng"),
        ("scenario-kh-152", "above = 500", "at_least = 500", "hở hoặc chồng"),
        ("scenario-kh-152", "below = 100", "below = 100\nabove = 0", "hở hoặc chồng"),
        ("scenario-kh-152", "above = 500", "above = 500\nbelow = 900", "hở hoặc chồng"),
        ("scenario-kh-152", 'outcome = "scenario_3"', 'outcome = "scenario_4"', "outcome"),
        ("level-4800", "weeks = 2\nat_least = 20", "weeks = 1\nat_least = 20", "hở hoặc chồng"),
        ("level-4800", '["1", "1", "2", "3"]', '["1", "1", "2"]', "4 ô"),
        ("level-4800", '["1", "2", "3", "4"]', '["1", "2", "3", "5"]', "levels"),
        ("level-4800", 'needs = ["adults_one_dose"]', 'needs = ["adults"]', "adults"),
        ("level-4800", 'needs = ["adults_one_dose"]', "", "cuối cùng"),
        ("level-4800", "percent = 70", "", "dose, op, percent"),
        ("colours-2686", 'outcome = "risk"', 'outcome = "yellow"', "outcome"),
        ("thresholds-tt-15", "linked = 5", "", "linked"),
        ("thresholds-tt-15", 'op = ">"\ndeviations = 2', "linked = 5", "deviations"),
    ],
)
def test_what_does_not_fit_is_refused(ident: str, was: str, becomes: str, says: str) -> None:
    set_language("vi")
    text = text_of(None, ident)
    assert was in text
    load(text, ident)
    with pytest.raises(BadRuleSet, match=says):
        load(text.replace(was, becomes, 1), ident)


def test_a_transmission_needs_a_matrix() -> None:
    text = text_of(None, "level-218")
    with pytest.raises(BadRuleSet, match="response"):
        load(text[: text.index("[[response]]")], "level-218")


def test_sets_may_give_the_levels_that_records_know() -> None:
    scales = (LevelScale.RESPONSE_SCENARIO, LevelScale.EPIDEMIC_LEVEL, LevelScale.COMMUNE_RISK_COLOUR)
    assert list(OUTCOMES.values()) == [tuple(one.value for one in LEVELS[scale]) for scale in scales]
