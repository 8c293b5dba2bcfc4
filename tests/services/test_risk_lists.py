"""The risk lists of a small ward, counted by hand (domain/rules.md §1.1; TB 492 §2 for who is forgotten)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from door_to_door import TODAY, WHO, household, later, person, sheet_of

from tests.conftest import AREA
from tui_app.errors import InvalidFields, NotFound, NotOpened
from tui_app.i18n import set_language
from tui_app.records.visits import VisitOutcome
from tui_app.services.judging import rule_offers
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people import people
from tui_app.services.risk import risk_groups, risk_lists, support_needs
from tui_app.services.risk.risk_people import RiskBook, RiskPerson
from tui_app.services.risk.risk_why import Reasons, risk_why
from tui_app.services.risk.risk_words import group_word, reason_words
from tui_app.services.station import saved_lists
from tui_app.services.visits import visits
from tui_app.services.visits.last_contacts import last_contacts
from tui_app.settings import asset
from tui_app.store.engine import VIEWER, Store


@pytest.fixture(autouse=True)
def vietnamese() -> None:
    set_language("vi")


def book(store: Store, day: date = TODAY, **more: Any) -> RiskBook:
    with store.read() as c:
        return risk_lists.risk_book(c, day, **more)


def names(found: list[RiskPerson]) -> list[str]:
    return [one.full_name for one in found]


def listed(store: Store, *chosen: str, day: date = TODAY, **more: Any) -> list[str]:
    return names(book(store, day).choose(chosen, **more))


def why(store: Store, ident: str, day: date = TODAY) -> Reasons:
    with store.read() as c:
        return risk_why(c, ident, day)


def street(store: Store) -> dict[str, str]:
    """Two households: 9 Lê Lợi with Hằng (71) alone; 12 Lê Lợi with Đức (62, diabetes, carer "chị Hoa"), Hoa (36),
    Tâm (54, Khmer), Bé (8)."""
    first, home = household(store, "9 Lê Lợi"), household(store, "12 Lê Lợi")
    return {
        "Hằng": person(store, first, "Lê Thị Hằng", birth_year=1954),
        "Đức": people.save_person(
            store,
            WHO,
            {"full_name": "Nguyễn Văn Đức", "birth_date": "1964-03-04", "carer": "chị Hoa"},
            household=home,
            conditions=frozenset({"diabetes"}),
        ),
        "Hoa": person(store, home, "Nguyễn Thị Hoa", birth_date="1990-03-04"),
        "Tâm": person(store, home, "Thạch Thị Tâm", birth_date="1972-03-04", ethnicity="05"),
        "Bé": person(store, home, "Nguyễn Thị Bé", birth_date="2018-03-04"),
    }


# ---- who is on which list


def test_each_list_by_hand(store: Store) -> None:
    street(store)
    assert listed(store) == ["Lê Thị Hằng", "Nguyễn Văn Đức", "Thạch Thị Tâm"], "everybody at risk"
    assert listed(store, "age_50") == ["Lê Thị Hằng", "Nguyễn Văn Đức", "Thạch Thị Tâm"]
    assert listed(store, "age_60") == ["Lê Thị Hằng", "Nguyễn Văn Đức"]
    assert listed(store, "age_65") == ["Lê Thị Hằng"]
    assert listed(store, "elderly") == ["Lê Thị Hằng", "Nguyễn Văn Đức"]
    assert listed(store, "underlying_condition") == ["Nguyễn Văn Đức"]
    assert listed(store, "ethnic_minority") == ["Thạch Thị Tâm"]
    # list B: whoever lives with somebody else at risk; Hằng lives alone
    assert listed(store, "lives_with_risk") == [
        "Nguyễn Văn Đức",
        "Nguyễn Thị Hoa",
        "Thạch Thị Tâm",
        "Nguyễn Thị Bé",
    ]
    assert listed(store, "carer_of_risk") == ["Nguyễn Thị Hoa"]  # list D, by name in the household


def test_all_that_is_chosen_must_hold_and_of_ages_one(store: Store) -> None:
    street(store)
    assert listed(store, "age_65", "age_60") == ["Lê Thị Hằng", "Nguyễn Văn Đức"], "one age is enough"
    assert listed(store, "age_60", "underlying_condition") == ["Nguyễn Văn Đức"]
    assert listed(store, "age_65", "underlying_condition") == []
    assert listed(store, "age_65", "underlying_condition", any_of=True) == ["Lê Thị Hằng", "Nguyễn Văn Đức"]
    assert listed(store, "lives_with_risk", "in_need") == []
    assert listed(store, words=["duc"]) == ["Nguyễn Văn Đức"]
    assert listed(store, words=["9", "loi"]) == ["Lê Thị Hằng"]


def test_counts_say_what_would_be_shown(store: Store) -> None:
    street(store)
    found = book(store)
    codes = ["age_50", "age_60", "age_65", "underlying_condition", "ethnic_minority", "lives_with_risk"]
    assert list(found.counts(codes).values()) == [3, 2, 1, 1, 1, 4]
    with_age = found.counts(codes, {"age_60"})
    assert with_age["underlying_condition"] == len(found.choose({"age_60", "underlying_condition"})) == 1
    assert with_age["age_50"] == 3, "an age stands for itself beside another"


def test_a_year_at_the_edge_is_listed_apart(store: Store) -> None:
    door = household(store, "1 Lê Lợi")
    person(store, door, "Lê Văn Tám", birth_year=1961)  # 64 or 65 on 22/11/2026
    person(store, door, "Lê Văn Chín")
    assert listed(store, "age_65") == []
    assert listed(store, "age_unsure") == ["Lê Văn Tám", "Lê Văn Chín"]
    assert listed(store) == ["Lê Văn Tám"], "surely over 60"
    (tam,) = [one for one in book(store).people if one.full_name == "Lê Văn Tám"]
    assert tam.unsure_groups == ("age_65",)


def test_the_dead_and_the_gone_count_no_more_from_that_day(store: Store) -> None:
    street_ids = street(store)
    people.mark_died(store, WHO, street_ids["Đức"], TODAY)
    people.mark_moved(store, WHO, street_ids["Hằng"], TODAY)
    assert listed(store) == ["Thạch Thị Tâm"]
    assert listed(store, "carer_of_risk") == []
    assert "Nguyễn Văn Đức" in listed(store, day=TODAY - timedelta(days=1))


def test_a_pregnancy_counts_inside_its_days(store: Store) -> None:
    hoa = street(store)["Hoa"]
    end = TODAY + timedelta(days=100)
    risk_groups.add_to_group(store, WHO, hoa, "pregnant", ended_on=end)
    assert listed(store, "pregnant") == ["Nguyễn Thị Hoa"]
    assert listed(store, "pregnant", day=TODAY - timedelta(days=1)) == []
    assert listed(store, "pregnant", day=end - timedelta(days=1)) == ["Nguyễn Thị Hoa"]
    assert listed(store, "pregnant", day=end) == []


def test_the_form_keeps_the_days_of_a_pregnancy(store: Store) -> None:
    hoa = street(store)["Hoa"]
    end = TODAY + timedelta(days=100)
    row = risk_groups.add_to_group(store, WHO, hoa, "pregnant", ended_on=end)
    people.save_person(store, WHO, {}, person=hoa, risk_groups=frozenset({"pregnant", "disabled"}))
    with store.read() as c:
        kept = c.execute("SELECT ended_on FROM risk_membership WHERE id = ?", (row,)).fetchone()[0]
    assert kept == end.isoformat()
    people.save_person(store, WHO, {}, person=hoa, risk_groups=frozenset({"disabled"}))
    assert listed(store, "pregnant") == []


def test_the_narrower_migrant_is_shown_beside_the_group(store: Store) -> None:
    door = household(store, "3 Lê Lợi")
    for name, doses in (("Trần Văn Một", 0), ("Trần Văn Hai", 2), ("Trần Văn Ba", None)):
        ident = person(store, door, name, birth_date="1995-01-01", reported_doses=doses)
        risk_groups.add_to_group(store, WHO, ident, "migrant_worker")
    assert listed(store, "migrant_worker") == ["Trần Văn Một", "Trần Văn Hai", "Trần Văn Ba"]
    assert listed(store, "migrant_unvaccinated") == ["Trần Văn Một"]
    (ba,) = [one for one in book(store).people if one.full_name == "Trần Văn Ba"]
    assert ba.unsure_groups == ("migrant_unvaccinated",)


def test_doses_enough_too_few_not_known_and_contraindicated(store: Store) -> None:
    door = household(store, "3 Lê Lợi")
    for name, more in (
        ("Đủ", {"reported_doses": 3}),
        ("Thiếu", {"reported_doses": 2}),
        ("Chưa rõ", {}),
        ("Chống chỉ định", {"reported_doses": 0, "contraindicated": True}),
    ):
        person(store, door, name, birth_date="1950-01-01", **more)
    assert listed(store, "under_dosed") == ["Thiếu"]
    assert listed(store, "doses_unknown") == ["Chưa rõ"]


# ---- groups of a place's own


def test_a_group_in_a_places_own_words_needs_no_program(store: Store) -> None:
    hoa = street(store)["Hoa"]
    risk_groups.add_to_group(store, WHO, hoa, " tiểu thương  chợ ", source="tổ trưởng")
    assert listed(store, "tiểu thương chợ") == ["Nguyễn Thị Hoa"]
    assert "Nguyễn Thị Hoa" in listed(store), "whoever somebody put into a group is at risk"


def test_a_rule_set_names_a_places_own_group(store: Store) -> None:
    text = asset("rule_sets", "risk-groups.toml").read_text(encoding="utf-8")
    head = text[: text.index("[[conflict]]")].replace('id = "risk-groups"', 'id = "own"')
    own = head.replace('[[covers]]\nsubject = "enough_doses"\n', "") + (
        '[[risk_rule]]\nid = "trader"\ngroup = "market_trader"\nby = "membership"\n'
        'vi = "Tiểu thương chợ"\nen = "Market traders"\n'
    )
    rule_offers.install(store, WHO, own, "own.toml")
    with store.read() as c:
        sets = rule_sets(c)
        assert "market_trader" in risk_groups.groups_by_hand(sets, TODAY)
        assert group_word(sets, "market_trader") == "Tiểu thương chợ"
    risk_groups.add_to_group(store, WHO, street(store)["Hoa"], "market_trader")
    assert listed(store, "market_trader") == ["Nguyễn Thị Hoa"]


@pytest.mark.parametrize("group", ["", "x" * 61, "hiv", "HIV/AIDS", "nghiện ma túy", "substance_use"])
def test_a_group_needs_a_name_and_never_that_of_a_restricted_condition(store: Store, group: str) -> None:
    hoa = street(store)["Hoa"]
    with pytest.raises(InvalidFields):
        risk_groups.add_to_group(store, WHO, hoa, group)


def test_days_of_a_group_must_fit(store: Store) -> None:
    hoa = street(store)["Hoa"]
    with pytest.raises(InvalidFields):
        risk_groups.add_to_group(store, WHO, hoa, "pregnant", started_on=TODAY + timedelta(days=1))
    with pytest.raises(InvalidFields):
        risk_groups.add_to_group(store, WHO, hoa, "pregnant", ended_on=TODAY)
    with pytest.raises(NotFound):
        risk_groups.end_group(store, WHO, hoa, "pregnant")


# ---- why


def test_why_names_rule_set_and_input_or_who_wrote_it_and_when(store: Store) -> None:
    ids = street(store)
    risk_groups.add_to_group(store, "minh", ids["Đức"], "disabled", source="list")
    found = {one.group: one for one in why(store, ids["Đức"]).reasons}
    old = found["age_60"].finding
    assert old is not None
    assert (old.rule_set, old.rule, old.value) == ("risk-groups", "age_60", "1964-03-04")
    assert found["elderly"].finding == old
    assert found["underlying_condition"].finding.value == ["diabetes"]  # type: ignore[union-attr]
    row = found["disabled"]
    assert (row.who, row.at[:10], row.source, row.started_on) == ("minh", "2026-11-22", "list", "2026-11-22")
    assert "age_65" not in found
    hoa = {one.group: one for one in why(store, ids["Hoa"]).reasons}
    assert hoa["lives_with_risk"].others == ("Nguyễn Văn Đức", "Thạch Thị Tâm")
    assert hoa["carer_of_risk"].others == ("Nguyễn Văn Đức",)
    people.save_person(store, WHO, {"carer": "cháu Bé"}, person=ids["Tâm"])
    hoa = {one.group: one for one in why(store, ids["Hoa"]).reasons}
    assert hoa["carer_of_risk"].others == ("Nguyễn Văn Đức",), "Tâm names somebody else"


def test_why_in_words_says_document_and_that_it_was_not_checked(store: Store) -> None:
    ids = street(store)
    found = {one.group: one for one in why(store, ids["Đức"]).reasons}
    with store.read() as c:
        words = " · ".join(reason_words(rule_sets(c), found["age_60"]))
    for part in ("Từ 60 tuổi", "sinh 04/03/1964", "Luật Người cao tuổi 2009", "age_60", "chưa đối chiếu"):
        assert part in words


def test_an_ended_group_stays_to_be_read(store: Store) -> None:
    hoa = street(store)["Hoa"]
    risk_groups.add_to_group(store, WHO, hoa, "disabled", started_on=TODAY - timedelta(days=30))
    risk_groups.end_group(store, WHO, hoa, "disabled")
    found = why(store, hoa)
    assert [one.group for one in found.ended] == ["disabled"]
    assert "disabled" not in [one.group for one in found.reasons]


# ---- open conflicts: the more severe answer shows


def test_while_two_births_wait_either_puts_on_the_list(store: Store) -> None:
    hoa = street(store)["Hoa"]
    with store.work(WHO) as work:
        work.create(
            "conflict",
            {
                "record_type": "person",
                "record": hoa,
                "field": "birth_date",
                "state": "open",
                "values": [{"value": "1990-03-04"}, {"value": "1950-03-04"}],
            },
            place=AREA,
        )
    assert "Nguyễn Thị Hoa" in listed(store, "age_65")


# ---- contact, need, and who is forgotten (TB 492 §2)


def visited(store: Store, door: str) -> None:
    visits.record_visit(store, WHO, sheet_of(store, door, TODAY).rest_well())


def test_nobody_came_for_days_and_a_need_is_open(store: Store) -> None:
    ids = street(store)
    support_needs.open_need(store, WHO, "medicine", person=ids["Đức"])
    support_needs.open_need(store, WHO, "food", person=ids["Bé"])
    assert listed(store, "forgotten") == ["Nguyễn Văn Đức"], "Bé is not at risk"
    with store.read() as c:
        door = c.execute("SELECT household FROM person WHERE id = ?", (ids["Đức"],)).fetchone()[0]
    visited(store, door)
    assert listed(store, "forgotten") == []
    later(store, days=7)
    week = TODAY + timedelta(days=7)
    assert listed(store, "forgotten", day=week) == [], "seven days ago is not over seven"
    later(store, days=1)
    eight = TODAY + timedelta(days=8)
    assert listed(store, "forgotten", day=eight) == ["Nguyễn Văn Đức"]
    assert names(book(store, eight, overdue=8).choose(["forgotten"])) == []


def test_a_need_of_the_household_is_one_of_its_people_at_risk(store: Store) -> None:
    ids = street(store)
    with store.read() as c:
        door = c.execute("SELECT household FROM person WHERE id = ?", (ids["Đức"],)).fetchone()[0]
    support_needs.open_need(store, WHO, "food", household=door)
    assert listed(store, "forgotten") == ["Nguyễn Văn Đức", "Thạch Thị Tâm"]
    (duc,) = [one for one in book(store).people if one.person == ids["Đức"]]
    assert (duc.needs, duc.house_needs) == ((), ("food",))


def test_a_door_nobody_opened_or_a_person_not_asked_is_no_contact(store: Store) -> None:
    ids = street(store)
    with store.read() as c:
        homes = dict(c.execute("SELECT id, household FROM person").fetchall())
    visits.record_outcome(store, WHO, homes[ids["Hằng"]], VisitOutcome.ABSENT)
    sheet = sheet_of(store, homes[ids["Đức"]])
    first = sheet.lines[0]
    visits.record_visit(store, WHO, sheet.with_line(first.well()))
    met = {one.person for one in book(store).people if one.contact_at}
    assert met == {first.person}
    with store.read() as c:
        assert set(last_contacts(c, list(ids.values()))) == {first.person}


def test_a_visit_taken_back_is_no_contact(store: Store) -> None:
    ids = street(store)
    with store.read() as c:
        door = c.execute("SELECT household FROM person WHERE id = ?", (ids["Hằng"],)).fetchone()[0]
    visit = visits.record_visit(store, WHO, sheet_of(store, door).rest_well())
    assert listed(store, "overdue") == ["Nguyễn Văn Đức", "Thạch Thị Tâm"]
    later(store, minutes=5)
    visits.withdraw_visit(store, WHO, visit)
    assert "Lê Thị Hằng" in listed(store, "overdue")


def test_the_days_are_a_setting_of_the_laptop(store: Store) -> None:
    with store.read() as c:
        assert risk_lists.overdue_days(c) == 7
    risk_lists.set_overdue_days(store, 14)
    assert book(store).overdue_days == 14


# ---- saved lists, roles


def test_a_saved_list_keeps_what_is_chosen_and_nobodys_name(store: Store) -> None:
    saved_lists.keep(store, WHO, "risk", "Sáng thứ hai", {"chosen": ["age_65", "overdue"], "words": ""})
    saved_lists.keep(store, WHO, "risk", "Sáng thứ hai", {"chosen": ["age_60"], "words": ""})
    with store.read() as c:
        (kept,) = saved_lists.saved(c, "risk")
        assert (kept.name, kept.chosen["chosen"], kept.who) == ("Sáng thứ hai", ["age_60"], WHO)
        with pytest.raises(NotFound, match="Sáng thứ hai"):
            saved_lists.chosen(c, "risk", "Chiều")
    saved_lists.forget(store, kept.id)
    with store.read() as c:
        assert saved_lists.saved(c, "risk") == []


def test_a_viewer_sees_no_list(store: Store) -> None:
    street(store)
    store.role = VIEWER
    with store.read() as c, pytest.raises(NotOpened):
        risk_lists.risk_book(c, TODAY)
    with store.read() as c:
        counts = risk_lists.risk_counts(c, TODAY)
    assert (counts.people, counts.how_many(), counts.how_many({"age_60"})) == ([], 3, 2)
    assert counts.counts(["underlying_condition"], {"age_60"})["underlying_condition"] == 1


def test_nobody_of_a_locked_unit_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    street(store)
    monkeypatch.setattr(risk_lists.gate, "closed", lambda c: frozenset({AREA.area}))
    assert book(store).people == []
