"""Installing a rule set: who would change is shown first, old findings stay, and it can be taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync.server import rule_sets as server_rule_sets
from tests.conftest import AREA
from tests.services.by_hand import Stick
from tests.services.door_to_door import household, person
from tests.sync.ward import Ward
from tui_app.clock import to_wire
from tui_app.commands.rules_words import preview_lines
from tui_app.errors import NotFound, NotOpened
from tui_app.i18n import set_language
from tui_app.records import REGISTRY
from tui_app.rules.set_text import BadRuleSet
from tui_app.services.judging import rule_offers
from tui_app.services.judging.rule_preview import preview_install
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.settings import asset
from tui_app.store.engine import VIEWER, Store

WHO = "lan"


def text_of(name: str) -> str:
    """A shipped set as text."""
    return asset("rule_sets", f"{name}.toml").read_text(encoding="utf-8")


LOOSER = text_of("qd-604").replace(
    'when = { field = "spo2", op = "≤", limit = 96 }', 'when = { field = "spo2", op = "≤", limit = 93 }'
)
"""604 with another limit for adults: SpO2 94–96 would no longer be a sign."""


def case_with(store: Store, name: str, **measured: Any) -> str:
    """An open case of a grown man with one reading; the id of the case."""
    ident = person(store, household(store, f"nhà {name}"), name, birth_date="1980-03-04", sex="male")
    now = to_wire(store.clock())
    values: dict[str, Any] = {"respiratory_rate": 18, "pulse": 80, "spo2": 98, **measured}
    with store.work(WHO) as work:
        case = work.create(
            "case",
            {"person": ident, "source": "positive_test", "started_on": "2026-11-20", "place": "home"},
            place=AREA,
        )
        work.create(
            "observation",
            {
                "case": case,
                "person": ident,
                "at": now,
                "slot_on": "2026-11-22",
                "slot": "am",
                "symptoms": [],
                "signs": [],
                "findings": [{"kind": "danger_sign", "rule": "kept"}],
                **values,
            },
            place=AREA,
        )
    return case


def findings_kept(store: Store) -> list[Any]:
    with store.read() as c:
        return [json.loads(text) for (text,) in c.execute("SELECT findings FROM observation ORDER BY id")]


def test_the_preview_names_who_would_be_judged_otherwise_and_keeps_nothing(store: Store) -> None:
    changing = case_with(store, "Trần Văn Tám", spo2=95)
    case_with(store, "Lê Thị Chín", spo2=99)
    with store.read() as c:
        preview = preview_install(c, LOOSER, store.clock())
        assert rule_offers.installed(c) == ()
    assert (preview.rule_set, preview.cases) == ("qd-604", 2)
    (change,) = preview.changes
    assert (change.case, change.full_name) == (changing, "Trần Văn Tám")
    assert "danger_sign:spo2" in change.before
    assert change.after == ()
    assert preview.counts["danger_sign"] == 1


def test_the_preview_tells_whose_isolation_would_end_on_another_day(store: Store) -> None:
    case = case_with(store, "Trần Văn Tám")
    with store.work(WHO) as work:
        work.change("case", case, {"first_positive_on": "2026-11-20"})
    longer = text_of("release-250").replace("\ndays = 7\n", "\ndays = 9\n")
    set_language("vi")
    with store.read() as c:
        preview = preview_install(c, longer, store.clock())
    (change,) = preview.changes
    assert (change.before, change.after) == (("release:2026-11-27",), ("release:2026-11-29",))
    said = list(preview_lines(preview, "vi"))
    assert said[1] == "  Trần Văn Tám: kết thúc cách ly 27/11/2026 → kết thúc cách ly 29/11/2026"


def test_the_preview_is_said_in_words(store: Store) -> None:
    case_with(store, "Trần Văn Tám", spo2=95)
    set_language("vi")
    with store.read() as c:
        said = list(preview_lines(preview_install(c, LOOSER, store.clock()), "vi"))
    assert said[1] == "  Trần Văn Tám: dấu hiệu nguy hiểm SpO2 (%) → –"


def test_a_reading_that_was_amended_is_not_looked_at(store: Store) -> None:
    case_with(store, "Trần Văn Tám", spo2=95)
    with store.read() as c:
        row = dict(c.execute("SELECT * FROM observation").fetchone())
    with store.work(WHO) as work:
        names = ("case", "person", "at", "slot_on", "slot")
        work.create(
            "observation",
            {name: row[name] for name in names}
            | {"spo2": 99, "symptoms": [], "signs": [], "amends": row["id"]},
            place=AREA,
        )
    with store.read() as c:
        assert preview_install(c, LOOSER, store.clock()).changes == ()


def test_an_installed_set_judges_and_old_findings_stay(store: Store) -> None:
    case_with(store, "Trần Văn Tám", spo2=95)
    before = findings_kept(store)
    assert rule_offers.install(store, WHO, LOOSER, "looser.toml").id == "qd-604"
    with store.read() as c:
        sets = rule_sets(c)
        (noted,) = c.execute("SELECT rule_set, source, who, undone_at FROM installed_rule_set").fetchall()
    (line,) = [line for line in sets.get("qd-604").danger_sign if line.id == "spo2"]
    assert line.when.limit == 93
    assert tuple(noted) == ("qd-604", "looser.toml", WHO, None)
    assert findings_kept(store) == before


def test_undoing_brings_the_set_before_back(store: Store) -> None:
    def limit() -> float | None:
        with store.read() as c:
            return next(
                line.when.limit for line in rule_sets(c).get("qd-604").danger_sign if line.id == "spo2"
            )

    rule_offers.install(store, WHO, LOOSER, "one")
    rule_offers.install(store, WHO, LOOSER.replace("limit = 93", "limit = 92"), "two")
    seen = [limit()]
    for _ in range(2):
        rule_offers.undo(store, WHO, "qd-604")
        seen.append(limit())
    assert seen == [92, 93, 96]
    with pytest.raises(NotFound):
        rule_offers.undo(store, WHO, "qd-604")


def test_a_set_that_meets_another_is_refused_and_nothing_is_installed(store: Store) -> None:
    other = LOOSER.replace('id = "qd-604"', 'id = "qd-700"')
    with pytest.raises(BadRuleSet):
        rule_offers.install(store, WHO, other, "other.toml")
    replacing = other.replace("profile = ", 'replaces = ["qd-604"]\nprofile = ')
    replacing = replacing.replace("effective_from = 2022-03-14", "effective_from = 2026-12-01")
    rule_offers.install(store, WHO, replacing, "other.toml")
    with store.read() as c:
        judging = {one.id for one in rule_sets(c).in_force("danger_sign", store.clock().date())}
        from_december = {
            one.id for one in rule_sets(c).in_force("danger_sign", store.clock().date().replace(month=12))
        }
    assert (judging, from_december) == ({"qd-604"}, {"qd-700"})


def test_an_installed_set_that_no_longer_fits_is_named_and_the_others_go_on(store: Store) -> None:
    rule_offers.install(store, WHO, LOOSER, "one")
    with store.write() as c:  # as another version of the program could have taken it
        c.execute(
            "INSERT INTO installed_rule_set (rule_set, text, source, at, who) VALUES ('qd-9', 'id = 9', 'x', '', 'x')"
        )
    with store.read() as c:
        assert "qd-9" not in rule_sets(c).sets
        assert rule_offers.unusable(c) == ["qd-9"]
        states = {entry.id: entry.state for entry in rule_offers.entries(c, store.clock().date())}
    assert states["qd-604"] == "replaced_own"
    rule_offers.undo(store, WHO, "qd-9")


def test_only_the_chief_installs(store: Store) -> None:
    store.role = VIEWER
    with pytest.raises(NotOpened):
        rule_offers.install(store, WHO, LOOSER, "x")
    with store.read() as c, pytest.raises(NotOpened):
        preview_install(c, LOOSER, store.clock())


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def publish(ward: Ward, text: str = LOOSER) -> server_rule_sets.Published:
    return server_rule_sets.publish(ward.database, REGISTRY, "qd-604", text, now=ward.clock())


def test_the_server_signs_a_set_and_every_laptop_is_offered_it(ward: Ward, tmp_path: Path) -> None:
    stick = Stick(ward, ward.laptop("lan"), tmp_path)
    published = publish(ward)
    assert published.changed == len(ward.areas)
    assert publish(ward).changed == 0  # the same text again changes nothing
    stick.sync()
    with stick.laptop.store.read() as c:
        (offer,) = rule_offers.offers(c)
        assert (offer.rule_set, offer.usable) == ("qd-604", True)
        assert rule_sets(c).get("qd-604") == rule_sets().get("qd-604")  # offered is not installed
        states = {
            entry.state for entry in rule_offers.entries(c, ward.clock().date()) if entry.id == "qd-604"
        }
    assert states == {"own", "available"}
    rule_offers.install(stick.laptop.store, WHO, offer.text, rule_offers.SERVER)
    with stick.laptop.store.read() as c:
        assert rule_offers.offers(c) == []


def test_a_set_whose_signature_is_wrong_is_never_usable(ward: Ward, tmp_path: Path) -> None:
    stick = Stick(ward, ward.laptop("lan"), tmp_path)
    publish(ward)
    stick.sync()
    with stick.laptop.store.write() as c:
        c.execute("UPDATE rule_set SET text = text || '# changed on the way'")
    with stick.laptop.store.read() as c:
        assert {offer.usable for offer in rule_offers.offers(c)} == {False}
        with pytest.raises(NotFound):
            rule_offers.offered(c, "qd-604")


def test_a_withdrawn_set_is_no_longer_offered_and_a_later_text_takes_its_place(
    ward: Ward, tmp_path: Path
) -> None:
    stick = Stick(ward, ward.laptop("lan"), tmp_path)
    publish(ward)
    server_rule_sets.withdraw(ward.database, REGISTRY, "qd-604", now=ward.clock())
    stick.sync()
    with stick.laptop.store.read() as c:
        assert rule_offers.offers(c) == []
    newer = LOOSER.replace("limit = 93", "limit = 92")
    publish(ward, newer)
    stick.sync()
    with stick.laptop.store.read() as c:
        assert [offer.text for offer in rule_offers.offers(c)] == [newer]
