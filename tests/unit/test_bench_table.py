"""The arithmetic of the bench's table: ratios, limits, medians, and how they read."""

from __future__ import annotations

import json
import re

import pytest

from tests.bench.sync_bench import medians
from tests.bench.table import Figure, at_most, lines, met_word, short, times_at_least, times_at_most


def test_the_ratio_is_ours_by_the_other() -> None:
    assert Figure("push", 6000, "docs/s", 2000).ratio == 3
    assert Figure("bytes", 1.0, "MB", 8.0).ratio == 0.125


def test_no_ratio_without_a_comparison() -> None:
    assert Figure("memory", 120, "MiB").ratio is None
    assert Figure("search", 3, "ms", 0).ratio is None


@pytest.mark.parametrize(("ours", "met"), [(49.9, True), (50.0, True), (50.01, False)])
def test_a_limit_of_the_figure_holds_up_to_its_value(ours: float, met: bool) -> None:
    assert Figure("save", ours, "ms", limit=at_most(50)).met is met


@pytest.mark.parametrize(
    ("ours", "other", "limit", "met"),
    [
        (1.3, 1.0, times_at_most(1.3), True),
        (1.31, 1.0, times_at_most(1.3), False),
        (6000.0, 2000.0, times_at_least(3), True),
        (5999.0, 2000.0, times_at_least(3), False),
    ],
)
def test_a_limit_of_the_ratio(ours: float, other: float, limit: object, met: bool) -> None:
    assert Figure("x", ours, "s", other, "y", limit).met is met  # type: ignore[arg-type]


def test_without_the_peer_nothing_is_said_to_be_met() -> None:
    figure = Figure("push", 6000, "docs/s", None, "peer not available", times_at_least(3))
    assert figure.met is None
    assert met_word(figure) == "–"
    assert "peer not available" in lines([figure])[2]


def test_a_figure_that_is_no_number_is_not_met() -> None:
    assert Figure("save", float("nan"), "ms", limit=at_most(50)).met is False


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (0.1249, "0.125"),
        (0.4, "0.4"),
        (0.9996, "1"),
        (4.546, "4.55"),
        (9.996, "10"),
        (39.84, "39.8"),
        (99.96, "100"),
        (50, "50"),
        (2155.4, "2 155"),
        (1234567, "1 234 567"),
    ],
)
def test_three_digits_that_count(value: float, words: str) -> None:
    assert short(value) == words


def test_limits_read_as_in_the_design() -> None:
    assert at_most(0.4).words("s") == "≤ 0.4 s"
    assert times_at_least(3).words("docs/s") == "≥ 3 ×"
    assert times_at_most(1 / 8).words("s") == "≤ 0.125 ×"


def test_a_line_holds_both_figures_ratio_limit_and_word() -> None:
    said = lines([Figure("push", 5000, "docs/s", 2000, "PouchDB", times_at_least(3), "median of three")])
    assert said[0].split() == ["figure", "ours", "comparison", "ratio", "limit", "met"]
    assert re.split(" {2,}", said[2]) == [
        "push",
        "5 000 docs/s",
        "2 000 docs/s PouchDB",
        "2.5 ×",
        "≥ 3 ×",
        "NO",
    ]
    assert said[-1] == "push: median of three"


def test_columns_stand_under_each_other() -> None:
    said = lines([Figure("a", 1, "s", limit=at_most(2)), Figure("longer name", 22222, "docs/s")])
    assert said[2].index("≤") == said[0].index("limit")
    assert said[2].index("1 s") + 3 == said[3].index("docs/s") + 6


def test_the_file_keeps_the_unrounded_figures() -> None:
    kept = json.loads(
        json.dumps(Figure("pull", 12345.678, "docs/s", 2000.0, "PouchDB", times_at_least(6)).as_json())
    )
    assert kept["ours"] == 12345.678
    assert kept["met"] is True
    assert kept["limit"] == {"value": 6, "against": "ratio", "least": True}


def test_each_key_has_its_own_median() -> None:
    def one(docs: float, cpu: float) -> dict[str, dict[str, float]]:
        return {mode: {"docs_per_s": docs, "cpu_s": cpu} for mode in ("push", "pull")}

    found = medians([one(100, 9), one(300, 5), one(200, 7)])
    assert found["push"] == {"docs_per_s": 200, "cpu_s": 7}
    assert found["pull"] == {"docs_per_s": 200, "cpu_s": 7}
