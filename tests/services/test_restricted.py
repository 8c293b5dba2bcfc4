"""HIV and substance use: seen by whom the chief let, noted each time, and in nothing that lists, prints or leaves
(Luật HIV 2020 Điều 30; domain/rules.md §4 duty 12)."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from door_to_door import TODAY, WHO, household, rows

from tests.papers.conftest import words
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id
from tui_app.errors import NotOpened
from tui_app.papers.risk_list import write_risk_list
from tui_app.services.access import restricted
from tui_app.services.lists import exporting
from tui_app.services.people import cards, people
from tui_app.services.risk import risk_lists, support_needs
from tui_app.services.risk.open_words import open_words
from tui_app.services.risk.risk_why import risk_why
from tui_app.services.vaccination import vaccination_lists
from tui_app.settings import Places
from tui_app.store.engine import Store
from tui_app.store.search import find

SECRETS = ("hiv", "HIV", "substance_use", "Rối loạn dùng chất", "ma túy", "ARV")


@pytest.fixture
def two(store: Store) -> tuple[str, str]:
    """Tí (46) with HIV alone; Hằng (75) with HIV, substance use and diabetes, and words that name them."""
    door = household(store, "12 Lê Lợi")
    ti = people.save_person(
        store,
        WHO,
        {"full_name": "Phạm Văn Tí", "birth_date": "1980-03-04", "reported_doses": 3},
        household=door,
        conditions=frozenset({"hiv"}),
        restricted=True,
    )
    hang = people.save_person(
        store,
        WHO,
        {
            "full_name": "Lê Thị Hằng",
            "birth_date": "1951-03-04",
            "unvaccinated_reason": "đang điều trị HIV",
            "note": "nghiện ma túy cũ",
        },
        household=door,
        conditions=frozenset({"hiv", "substance_use", "diabetes"}),
        restricted=True,
    )
    with store.work(WHO) as work:
        for row in rows(store, "SELECT id FROM person_condition WHERE condition = 'hiv'"):
            work.change(
                "person_condition", row["id"], {"treated_at": "phòng khám ARV", "note": "HIV từ 2015"}
            )
    support_needs.open_need(store, WHO, "medicine", person=hang, note="thuốc ARV cho HIV")
    return ti, hang


def desk(store: Store) -> Workspace:
    opened: Any = SimpleNamespace(user=WHO, role="chief")
    return Workspace(Places(store.path.parent), opened, store, store.clock, new_id)


def test_a_restricted_condition_puts_nobody_on_a_list(store: Store, two: tuple[str, str]) -> None:
    ti, hang = two
    with store.read() as c:
        book = risk_lists.risk_book(c, TODAY)
        assert [one.full_name for one in book.choose()] == ["Lê Thị Hằng"]
        assert [one.full_name for one in book.choose(["underlying_condition"])] == ["Lê Thị Hằng"]
        assert set(SECRETS) & set(book.rules.bits) == set()
        why = risk_why(c, hang, TODAY)
        assert [one.group for one in risk_why(c, ti, TODAY).reasons] == ["lives_with_risk"]
    (finding,) = [one.finding for one in why.reasons if one.group == "underlying_condition"]
    assert finding is not None
    assert finding.value == ["diabetes"]


def test_nothing_of_it_is_on_the_paper(store: Store, two: tuple[str, str]) -> None:
    with store.read() as c:
        people_listed = risk_lists.risk_book(c, TODAY).choose()
    for ending, read in (("xlsx", _cells), ("csv", lambda body: body.decode("utf-8-sig")), ("pdf", words)):
        text = read(write_risk_list(desk(store), people_listed, ending))
        assert "Lê Thị Hằng" in text
        assert "Đái tháo đường" in text
        assert [secret for secret in SECRETS if secret in text] == []


def _cells(body: bytes) -> str:
    page: Any = openpyxl.load_workbook(io.BytesIO(body)).active
    return "\n".join(str(cell) for line in page.values for cell in line if cell is not None)


def test_nothing_of_it_leaves_by_export(store: Store, two: tuple[str, str]) -> None:
    out = io.BytesIO()
    exporting.export(desk(store), "person_condition", "ndjson", out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["condition"] for line in lines] == ["diabetes"]
    everything = io.BytesIO()
    exporting.export(desk(store), None, "ndjson", everything)
    kinds = [line for line in everything.getvalue().decode().splitlines() if '"person_condition"' in line]
    assert len(kinds) == 1
    assert [secret for secret in SECRETS if secret in everything.getvalue().decode()] == []


def test_nothing_of_it_is_on_the_lists_of_vaccination(store: Store, two: tuple[str, str]) -> None:
    people.save_person(store, WHO, {"unvaccinated_reason": "sợ tiêm"}, person=two[0])
    with store.read() as c:
        said = {one.full_name: one.reason for one in vaccination_lists.lines_of(c, two, TODAY)}
    assert said == {"Phạm Văn Tí": "sợ tiêm", "Lê Thị Hằng": ""}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        *(("HIV (+)", True), ("chưa tiêm vì HIV", True), ("không nhiễm H.I.V", True), ("uống ARV", True)),
        *(("đang cai nghiện", True), ("nghiện rượu", True), ("uống Methadone", True), ("người có H", True)),
        *(("nhiễm HP", False), ("nghiên cứu sinh", False), ("hi vọng khỏi", False), ("F1", False)),
        ("đái tháo đường, hen", False),
    ],
)
def test_words_that_name_it_are_left_out_whole_also_where_they_are_only_the_reason(
    said: str, named: bool
) -> None:
    assert open_words(said) == ("" if named else said)


def test_nobody_is_found_by_it(store: Store, two: tuple[str, str]) -> None:
    with store.read() as c:
        assert [find(c, words, limit=10) for words in ("hiv", "ma tuy")] == [[], []]


def test_a_card_and_a_form_do_not_show_it(store: Store, two: tuple[str, str]) -> None:
    with store.read() as c:
        card = cards.person_card(c, two[1], TODAY)
        assert [one.code for one in card.conditions] == ["diabetes"]
        assert people.person_codes(c, two[1], TODAY)[1] == {"diabetes"}


def test_only_whom_the_chief_let_sees_it_and_each_look_is_noted(store: Store, two: tuple[str, str]) -> None:
    with pytest.raises(NotOpened):
        restricted.restricted_of(store, WHO, two[1])
    store.role = "member"
    with pytest.raises(NotOpened):
        restricted.permit(store, "minh", "minh", may=True)
    store.role = "chief"
    restricted.permit(store, WHO, "minh", may=True)
    assert restricted.restricted_of(store, "minh", two[1]) == {"hiv", "substance_use"}
    with pytest.raises(NotOpened):
        restricted.restricted_of(store, WHO, two[1])
    restricted.permit(store, WHO, "minh", may=False)
    with pytest.raises(NotOpened):
        restricted.restricted_of(store, "minh", two[1])
    noted = rows(store, "SELECT who, what, record, detail FROM access_entry ORDER BY id")
    assert [(one["who"], one["what"], one["record"], one["detail"]) for one in noted] == [
        (WHO, "permit", None, "restricted + minh"),
        ("minh", "unmask", two[1], "restricted"),
        (WHO, "permit", None, "restricted - minh"),
    ]


def test_writing_it_leaves_the_other_conditions(store: Store, two: tuple[str, str]) -> None:
    restricted.permit(store, WHO, WHO, may=True)
    restricted.write_restricted(store, WHO, two[1], frozenset({"hiv", "diabetes"}))
    assert restricted.restricted_of(store, WHO, two[1]) == {"hiv"}
    with store.read() as c:
        assert people.person_codes(c, two[1], TODAY)[1] == {"diabetes"}
