"""An auditor's look at an erasure: a mark in every text of every record that is about the person, and afterwards each
byte of the server's files and of the laptops' pages is searched for marks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sync.server.pages.copying import bring_up
from tests.store.plain_pages import plain_bytes
from tests.sync.ward import KEY, Laptop, Ward, calm
from tui_app.records import BY_NAME, REGISTRY
from tui_app.records.base import own_columns
from tui_app.services.people.values import kind_of
from tui_app.services.requests import erasing, register
from tui_app.services.station import drafts
from tui_app.store import work

ABOUT = (
    *(
        "screening",
        "test_result",
        "support_need",
        "risk_membership",
        "person_condition",
        "case",
        "observation",
    ),
    *("case_event", "alert", "dispense", "referral", "contact", "contact_check", "follow_up_visit"),
    *("vaccination_dose", "person_identifier", "merge_decision", "assignment", "review"),
)
"""Types that are about the person, the case before what hangs on it."""
OF_OTHERS = ("household_visit", "report", "outbreak", "level_assessment", "stock_movement")
"""Types that stay, since they are about a household in which others live, the station or the commune."""
ELSE = (
    *("area", "household", "person", "data_request", "conflict", "access_entry", "erasure", "rule_set"),
    *("sweep_campaign", "station_value", "baseline_count", "stock_item"),
)
"""Types that the test makes in another way, or that never name anybody."""
IDS = (
    "amends",
    "supersedes",
    "undoes",
    "slot",
    "record_type",
    "seen",
    "campaign",
    "test",
    "dispense",
    "subject",
    "unit",
)
LISTS = ("findings", "fields", "carried", "narrative", "figures")
MARK = re.compile(rb"mark-([a-z_]+)\.", re.IGNORECASE)


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A ward in which any text is taken, and no rule keeps anything."""
    monkeypatch.setattr(work, "checked", lambda type_name, fields, new: dict(fields))
    monkeypatch.setattr(erasing, "keeping", lambda c, found, day: [])
    made = Ward(tmp_path)
    yield made
    made.close()


def test_each_type_is_one_that_goes_or_one_that_stays() -> None:
    assert sorted((*ABOUT, *OF_OTHERS, *ELSE)) == sorted(BY_NAME), "a new type: does it go with the person?"


def marked(type_name: str, **refs: str) -> dict[str, Any]:
    """A body with a mark in each text, and with those of ``refs`` that the type has."""
    own = own_columns(BY_NAME[type_name])
    texts = {name for name in own if kind_of(type_name, name) in ("text", "unknown") and name not in IDS}
    body: dict[str, Any] = dict.fromkeys(texts, f"mark-{type_name}.")
    body |= {name: [{"name": f"mark-{type_name}."}] for name in LISTS if name in own}
    return body | {name: ident for name, ident in refs.items() if name in own}


def fill(laptop: Laptop, person: str, door: str) -> None:
    """One record of each type, each text changed once, so that the ops before hold it too."""
    refs = {"person": person, "household": door, "kept": person, "merged": "another"}
    for type_name in ("household_visit", *ABOUT, *OF_OTHERS[1:]):
        if type_name == "review":
            refs["record"] = refs["observation"]
        ident = laptop.create(type_name, **marked(type_name, **refs))
        refs |= {"visit" if type_name == "household_visit" else type_name: ident}
        if not BY_NAME[type_name].append_only:
            said = {
                name: f"{value}-later"
                for name, value in marked(type_name).items()
                if isinstance(value, str) and name not in refs
            }
            laptop.change(type_name, ident, **said)


def left(ward: Ward, *laptops: Laptop) -> dict[str, set[str]]:
    """place -> the types whose marks are still in any byte of it."""
    files = [file for file in (ward.folder / "server").rglob("*") if file.is_file()]
    held = {"server": b"".join(file.read_bytes() for file in files)}
    for laptop in laptops:
        assert laptop.store.scrub()
        held[laptop.user] = plain_bytes(laptop.store.path, KEY)
    return {place: {mark.decode().casefold() for mark in MARK.findall(text)} for place, text in held.items()}


def test_no_field_of_any_record_about_the_person_is_left(ward: Ward) -> None:
    lan, minh = ward.laptop("lan"), ward.laptop("minh")
    calm(lan, minh)
    door = lan.create("household", address="12 Lê Lợi")
    lan.create("person", household=door, full_name="Lê Văn Hai")
    one = lan.create("person", **{**marked("person"), "household": door})
    fill(lan, one, door)
    asked = register.add(lan.store, "lan", one, "deletion", wording="mark-request.", asked_by="mark-request.")
    calm(lan, minh)
    minh.change("person", one, sex="male", note="mark-of_minh.")
    lan.change("person", one, sex="female", note="mark-of_lan.")
    calm(lan, minh)
    for key, body in (
        (f"vitals:{one}", {"note": "mark-draft."}),
        ("round", {"lines": [{"person": one, "note": "mark-draft."}], "by": {one: "mark-draft."}}),
    ):
        drafts.keep(minh.store, "minh", key, "visit", body)
    ward.laptop("hoa").sync()  # a packed first load
    bring_up(ward.database, ward.clock())
    everything = {"person", "request", "of_minh", "of_lan", *ABOUT, *OF_OTHERS}
    before = left(ward, lan, minh)
    assert before["server"] == everything
    assert before["lan"] >= everything - {"of_minh"}
    assert "draft" in before["minh"]

    erasing.erase(lan.store, "lan", one, asked)
    calm(lan, minh)
    bring_up(ward.database, ward.clock())
    assert left(ward, lan, minh) == {place: set(OF_OTHERS) for place in ("server", "lan", "minh")}


def test_no_word_of_any_field_is_left_that_an_erasure_took_out_of_a_record_of_others(ward: Ward) -> None:
    """Every field in which somebody may be named, of every type, said twice where that can be."""
    lan, minh = ward.laptop("lan"), ward.laptop("minh")
    calm(lan, minh)
    texts = []
    for kind in REGISTRY:
        if not kind.words or kind.server_written:
            continue
        marks: dict[str, Any] = {name: f"mark-{kind.name}_{name}." for name in kind.words}
        marks |= {name: [{"name": "x", "text": marks[name]}] for name in LISTS if name in kind.words}
        ident = minh.create(kind.name, **marks)
        if not kind.append_only:
            said = {name: f"{value}-later" for name, value in marks.items() if isinstance(value, str)}
            minh.change(kind.name, ident, **said)
        texts += [{"type": kind.name, "id": ident, "field": name} for name in sorted(kind.words)]
    calm(minh, lan)
    ward.laptop("hoa").sync()  # a packed first load
    bring_up(ward.database, ward.clock())
    assert {len(marks) for marks in left(ward, lan, minh).values()} == {len(texts)}
    lan.create("erasure", person="p", texts=texts, ground="g", at="2026-11-22T02:00:00.000Z")
    calm(lan, minh)
    assert left(ward, lan, minh) == {"server": set(), "lan": set(), "minh": set()}
