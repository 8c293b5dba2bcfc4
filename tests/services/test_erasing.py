"""Removing a person for good: who may, what the law keeps, and that nothing is left on this laptop."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from door_to_door import AREA_ID, TODAY, WHO, household, later, person, rows

from sync import outbox
from tests.conftest import KEY
from tests.store.plain_pages import plain_bytes
from tui_app.errors import InvalidFields, LawKeeps, NotFound, NotOpened, UserError
from tui_app.services.access import access
from tui_app.services.people import people
from tui_app.services.people.finding import search
from tui_app.services.requests import erasing, register, words
from tui_app.services.requests.belongings import belongings
from tui_app.services.risk import support_needs
from tui_app.services.station import drafts
from tui_app.store import work as work_of_store
from tui_app.store.engine import Store
from tui_app.store.rows import table

SLOT = {"slot": "am", "slot_on": "2026-11-02"}
CASE = {
    "first_positive_on": "2024-02-29",
    "started_on": "2024-02-29",
    "place": "home",
    "source": "positive_test",
}
NAME, PHONE, NUMBER = "Trịnh Quỳnh Như", "+84903777123", "079168009876"


@pytest.fixture
def local(store: Store) -> Store:
    """A workspace no server knows."""
    with store.write() as c:
        outbox.hold_area(c, AREA_ID, "27211", outbox.LOCAL)
    return store


@pytest.fixture
def nhu(local: Store) -> tuple[str, str, str]:
    """Như of a household of two, with a need, a number and a request for deletion; the ids of all three."""
    door = household(local, "12 Lê Lợi")
    one = person(local, door, NAME, phone=PHONE, national_id=NUMBER, birth_year=1968)
    person(local, door, "Lê Văn Hai")
    support_needs.open_need(local, WHO, "food", person=one, note="Quỳnh Như cần gạo")
    people.save_household(local, WHO, {"head": one}, household=door)
    people.save_person(local, WHO, {"note": "Như nói nhỏ"}, household=door, person=one)
    asked = register.add(
        local, WHO, one, "deletion", wording=f"{NAME} xin xóa tên", asked_by="con là Quỳnh Anh"
    )
    return door, one, asked


def row(store: Store, type_name: str, ident: str) -> Any:
    with store.read() as c:
        return table(type_name).read(c, [ident]).get(ident)


def names_left(store: Store) -> list[str]:
    """Which of the words are still somewhere in the file or its log."""
    held = plain_bytes(store.path, KEY)
    return [word for word in (NAME, "Quỳnh", PHONE[1:], NUMBER, "quynh") if word.encode() in held]


def test_the_name_is_found_in_the_file_before(local: Store, nhu: tuple[str, str, str]) -> None:
    assert names_left(local) == [NAME, "Quỳnh", PHONE[1:], NUMBER, "quynh"]


def test_nothing_of_the_person_is_left_in_the_file_and_its_log(
    local: Store, nhu: tuple[str, str, str]
) -> None:
    door, one, asked = nhu
    drafts.keep(local, WHO, f"person:{one}", "person", {"values": {"full_name": NAME}})
    lines = [{"person": one, "note": f"{NAME} ho"}, {"person": "other", "note": "khỏe"}]
    drafts.keep(local, WHO, f"visit:{door}", "visit", {"at": "", "note": "", "lines": lines})
    done, kept = erasing.erase(local, WHO, one, asked)
    assert done.counts == {"data_request": 1, "person": 1, "support_need": 1}
    assert local.scrub()
    assert names_left(local) == []
    with pytest.raises(NotFound):
        erasing.plan(local, one)
    assert row(local, "person", one).body == {}
    assert row(local, "person", one).deleted
    with local.read() as c:
        assert search(c, "quynh nhu").hits == ()
        assert [line["person"] for line in drafts.kept(c, f"visit:{door}")["lines"]] == ["other"]  # type: ignore[index]
        (only,) = register.requests(c, TODAY)
    assert "head" not in row(local, "household", door).body
    assert (only.id, only.state, only.kind, only.wording, only.asked_by) == (kept, "done", "deletion", "", "")
    assert rows(local, 'SELECT count(*) AS n FROM outbox WHERE record = ? AND "set" <> ?', one, "{}") == [
        {"n": 0}
    ]
    (noted,) = rows(local, "SELECT ground, request FROM erasure")
    assert noted == {"ground": "deletion", "request": kept}


def test_somebody_who_lived_alone_takes_the_household_along(local: Store) -> None:
    door = household(local, "9 Trần Phú", phone=PHONE)
    one = person(local, door, NAME)
    asked = register.add(local, WHO, one, "deletion")
    assert erasing.plan(local, one).household
    erasing.erase(local, WHO, one, asked)
    local.scrub()
    assert names_left(local) == []
    assert row(local, "household", door).body == {}


def test_who_was_merged_into_the_person_goes_too(local: Store, nhu: tuple[str, str, str]) -> None:
    from tui_app.services.duplicates.merging import merge

    door, one, asked = nhu
    twin = person(local, door, "Trịnh Thị Quỳnh Như", birth_year=1968)
    merge(local, WHO, "person", one, twin, {"full_name": 1}, "một người")
    done, _ = erasing.erase(local, WHO, twin, asked)
    assert done.counts["person"] == 2
    local.scrub()
    assert names_left(local) == []


@pytest.mark.parametrize(
    ("type_name", "fields", "until"),
    [
        ("test_result", {"at": "2026-11-20T02:00:00Z", "result": "negative"}, date(2036, 11, 20)),
        ("vaccination_dose", {"given_on": "2021-08-31"}, date(2031, 8, 31)),
        ("case", CASE, date(2034, 2, 28)),
    ],
)
def test_a_case_a_test_or_a_dose_is_kept_ten_years(
    local: Store, nhu: tuple[str, str, str], type_name: str, fields: dict[str, Any], until: date
) -> None:
    _, one, asked = nhu
    with local.work(WHO) as work:
        work.create(type_name, {"person": one, **fields}, place=work.get("person", one))
    (kept,) = erasing.plan(local, one).kept_by
    assert (kept.until, kept.finding.rule, kept.counts) == (until, "ordinary", {type_name: 1})
    with pytest.raises(LawKeeps, match=rf"33/2025.*ordinary.*{until:%d/%m/%Y}"):
        erasing.erase(local, WHO, one, asked)
    assert row(local, "person", one).body["full_name"] == NAME
    assert register_state(local) == "open"


def register_state(store: Store) -> str:
    with store.read() as c:
        (one,) = register.requests(c, TODAY)
    return one.state


def test_of_the_dead_it_is_kept_thirty_years(local: Store, nhu: tuple[str, str, str]) -> None:
    _, one, _ = nhu
    with local.work(WHO) as work:
        place = work.get("person", one)
        work.create("vaccination_dose", {"person": one, "given_on": "2021-08-31"}, place=place)
    people.mark_died(local, WHO, one, date(2022, 3, 1))
    assert [(kept.finding.rule, kept.until) for kept in erasing.plan(local, one).kept_by] == [
        ("death", date(2052, 3, 1)), ("ordinary", date(2031, 8, 31)),
    ]  # fmt: skip


def test_once_the_years_are_over_the_records_of_care_go_as_well(
    local: Store, nhu: tuple[str, str, str]
) -> None:
    _, one, asked = nhu
    with local.work(WHO) as work:
        place = work.get("person", one)
        work.create("vaccination_dose", {"person": one, "given_on": "2021-08-31", "place": NAME}, place=place)
    later(local, days=3650)
    done, _ = erasing.erase(local, WHO, one, asked)
    assert done.counts["vaccination_dose"] == 1
    local.scrub()
    assert names_left(local) == []


def test_the_journal_of_access_stays(local: Store, nhu: tuple[str, str, str]) -> None:
    _, one, asked = nhu
    access.note_opened(local, WHO, "person", one)
    erasing.erase(local, WHO, one, asked)
    with local.read() as c:
        (entry,) = access.entries(c, record=one)
    assert (entry.what, entry.name) == ("open", "")


def test_only_a_chief_and_only_for_an_open_request_for_deletion(
    local: Store, nhu: tuple[str, str, str]
) -> None:
    door, one, asked = nhu
    other = person(local, door, "Lê Văn Ba")
    with pytest.raises(InvalidFields):
        erasing.erase(local, WHO, other, asked)
    with pytest.raises(InvalidFields):
        erasing.erase(local, WHO, one, register.add(local, WHO, one, "access"))
    with pytest.raises(InvalidFields):
        erasing.erase(local, WHO, one, asked, ground="Trinh Quynh Nhu muốn thế")
    local.role = "member"
    with pytest.raises(NotOpened):
        erasing.erase(local, WHO, one, asked)
    local.role = "chief"
    register.refuse(local, WHO, asked, "chưa đủ giấy tờ")
    with pytest.raises(InvalidFields):
        erasing.erase(local, WHO, one, asked)
    assert row(local, "person", one).body["full_name"] == NAME


def test_what_a_server_has_not_answered_yet_is_sent_first(store: Store) -> None:
    one = person(store, household(store, "12 Lê Lợi"), NAME)
    asked = register.add(store, WHO, one, "deletion")
    with pytest.raises(UserError):
        erasing.erase(store, WHO, one, asked)
    assert not erasing.plan(store, one).may_go
    assert row(store, "person", one).body["full_name"] == NAME


def test_every_record_that_names_the_person_belongs_to_them(local: Store, nhu: tuple[str, str, str]) -> None:
    _, one, _ = nhu
    with local.work(WHO) as work:
        place = work.get("person", one)
        case = work.create("case", {"person": one, **CASE}, place=place)
        seen = work.create(
            "observation", {"case": case, "person": one, "at": "2026-11-02T01:00:00Z", **SLOT}, place=place
        )
        work.create(
            "contact", {"case": case, "level": 1, "met": "other", "last_met_on": "2026-11-01"}, place=place
        )
        review = {"on": "2026-11-02", "record_type": "observation", "record": seen, "decision": "approved"}
        work.create("review", review | {"at": "2026-11-02T10:00:00Z"}, place=place)
    with local.read() as c:
        assert belongings(c, one).counts() == {
            "case": 1, "contact": 1, "data_request": 1, "observation": 1, "person": 1, "review": 1, "support_need": 1,
        }  # fmt: skip


def test_a_backup_from_before_is_erased_again_when_it_is_put_back(tmp_path: Path) -> None:
    from tui_app.bootstrap import open_workspace
    from tui_app.services.station import setup
    from tui_app.settings import Places
    from tui_app.store import restore, safety

    places = Places(tmp_path / "home")
    workspace, _ = setup.init_local(places, commune="Hòa Bình", user="lan", password="mật khẩu dài")
    key = workspace.opened.data_key
    with workspace.store.read() as c:
        (area,) = c.execute("SELECT area FROM cursor").fetchone()
    door = people.save_household(workspace.store, "lan", {"address": "12 Lê Lợi"}, area=area)
    one = people.save_person(workspace.store, "lan", {"full_name": NAME}, household=door)
    asked = register.add(workspace.store, "lan", one, "deletion")
    with workspace.store.read() as c:
        c.execute("COMMIT")
        safety.safety_copy(places, c, "migration")
        c.execute("BEGIN")
    safety.backup(places, key, tmp_path / "before.gonha")
    erasing.erase(workspace.store, "lan", one, asked)
    workspace.close()
    (copy,) = safety.safety_copies(places)
    assert copy.stem.endswith("erased")
    restore.restore(tmp_path / "before.gonha", places)
    back = open_workspace(places, "lan", "mật khẩu dài")
    assert row(back.store, "person", one).body == {}
    back.close()
    assert NAME.encode() not in plain_bytes(places.database, key)


def test_records_of_others_that_name_the_person_are_told(local: Store, nhu: tuple[str, str, str]) -> None:
    door, one, _ = nhu
    other = person(local, door, "Lê Văn Ba", carer="trinh quynh nhu")
    support_needs.open_need(local, WHO, "food", household=door, note="gọi 0903777123")
    person(local, door, NAME, birth_year=2001)  # of the same name, somebody else
    found = erasing.plan(local, one).named_in
    assert [(hit.type, hit.about, hit.fields) for hit in found] == [
        ("person", "Lê Văn Ba", ("carer",)), ("support_need", "12 Lê Lợi", ("note",)),
    ]  # fmt: skip
    assert found[0].id == other
    assert [(dict(hit.texts), hit.reached) for hit in found] == [
        ({"carer": "trinh quynh nhu"}, True), ({"note": "gọi 0903777123"}, True),
    ]  # fmt: skip


def test_records_that_were_deleted_and_the_reason_for_it_are_told_too(
    local: Store, nhu: tuple[str, str, str]
) -> None:
    door, one, asked = nhu
    need = support_needs.open_need(local, WHO, "food", household=door, note=f"gọi {NAME}")
    other = person(local, door, "Lê Văn Ba")
    with local.work(WHO) as work:
        work.delete("support_need", need, "nhập nhầm")
        work.delete("person", other, f"trùng với {NAME}")
    found = {hit.id: hit for hit in erasing.plan(local, one).named_in}
    assert {(hit.id, hit.fields, hit.deleted, hit.reached) for hit in found.values()} == {
        (need, ("note",), True, True), (other, ("deleted_reason",), True, True),
    }  # fmt: skip
    assert words.where(found[other], "deleted_reason") == "người · Lê Văn Ba (đã xóa): Lý do xóa"
    texts = {("support_need", need, "note"): "", ("person", other, "deleted_reason"): "trùng"}
    done, _ = erasing.erase(local, WHO, one, asked, texts=texts)
    assert done.named_in == ()
    gone, twin = row(local, "support_need", need), row(local, "person", other)
    assert (gone.deleted, gone.body.get("note"), gone.body["deleted_reason"]) == (True, None, "nhập nhầm")
    assert (twin.deleted, twin.body["deleted_reason"]) == (True, "trùng")
    assert local.scrub()
    assert NAME.encode() not in plain_bytes(local.path, KEY)


@pytest.fixture
def named(local: Store, nhu: tuple[str, str, str]) -> tuple[str, str]:
    """A need and a visit of her household that name her; the ids."""
    door, one, _ = nhu
    need = support_needs.open_need(local, WHO, "food", household=door, note=f"gọi {NAME}")
    with local.work(WHO) as work:
        visit = {"household": door, "at": "2026-11-02T01:00:00Z", "outcome": "met", "asked": "each"}
        seen = work.create("household_visit", visit | {"note": f"gặp {NAME}"}, place=work.get("person", one))
    return need, seen


def test_words_about_the_person_are_taken_out_written_anew_or_left(
    local: Store, nhu: tuple[str, str, str], named: tuple[str, str]
) -> None:
    """In a workspace no server knows: also out of what is to be sent once there is one."""
    _, one, asked = nhu
    need, visit = named
    drafts.keep(local, WHO, f"support_need:{need}", "need", {"note": f"{NAME} nháp"})
    texts = {("support_need", need, "note"): "", ("household_visit", visit, "note"): "gặp người nhà"}
    done, _ = erasing.erase(local, WHO, one, asked, texts=texts)
    assert done.named_in == ()
    assert "note" not in row(local, "support_need", need).body
    assert row(local, "household_visit", visit).body["note"] == "gặp người nhà"
    assert local.scrub()
    assert names_left(local) == []
    (said,) = rows(local, 'SELECT "set" FROM outbox WHERE record = ? ORDER BY n DESC LIMIT 1', visit)
    assert '"note":[null,"gặp người nhà"]' in said["set"]


def test_what_nobody_decided_about_stays_and_is_told(
    local: Store, nhu: tuple[str, str, str], named: tuple[str, str]
) -> None:
    _, one, asked = nhu
    need, visit = named
    done, _ = erasing.erase(local, WHO, one, asked, texts={("support_need", need, "note"): None})
    assert {hit.id for hit in done.named_in} == {need, visit}
    assert row(local, "support_need", need).body["note"] == f"gọi {NAME}"


@pytest.mark.parametrize(
    ("field", "words"), [("note", f"gặp {NAME}"), ("note", "trinh quynh nhu"), ("note", NUMBER), ("at", "")]
)
def test_new_words_may_not_name_the_person_and_only_words_may_go(
    local: Store, nhu: tuple[str, str, str], named: tuple[str, str], field: str, words: str
) -> None:
    _, one, asked = nhu
    with pytest.raises(InvalidFields):
        erasing.erase(local, WHO, one, asked, texts={("household_visit", named[1], field): words})
    assert row(local, "person", one).body["full_name"] == NAME
    assert row(local, "household_visit", named[1]).body["note"] == f"gặp {NAME}"


def test_a_field_a_record_must_have_gets_other_words_and_a_list_goes_whole(
    local: Store, nhu: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, one, asked = nhu
    monkeypatch.setattr(work_of_store, "checked", lambda type_name, fields, new: dict(fields))
    with local.work(WHO) as work:
        place = work.get("person", one)
        outbreak = work.create("outbreak", {"name": f"ổ {NAME}", "disease": "COVID-19"}, place=place)
        filed = {"kind": "daily", "narrative": [{"name": "causes", "text": f"từ {NAME}"}]}
        report = work.create("report", filed, place=place)
    named, causes = ("outbreak", outbreak, "name"), ("report", report, "narrative")
    assert {text for hit in erasing.plan(local, one).named_in for text in hit.named()} == {named, causes}
    for wrong in ({named: ""}, {causes: "từ chợ"}):
        with pytest.raises(InvalidFields):
            erasing.erase(local, WHO, one, asked, texts=wrong)
    erasing.erase(local, WHO, one, asked, texts={named: "ổ chợ", causes: ""})
    assert row(local, "outbreak", outbreak).body["name"] == "ổ chợ"
    assert "narrative" not in row(local, "report", report).body
    local.scrub()
    assert names_left(local) == []


def test_words_in_a_unit_this_laptop_may_not_write_are_told_and_stay(
    local: Store, nhu: tuple[str, str, str], named: tuple[str, str]
) -> None:
    _, one, asked = nhu
    with local.write() as c:
        outbox.hold_area(c, "elsewhere", "27211", outbox.MISSING)
        c.execute("UPDATE household_visit SET area = 'elsewhere' WHERE id = ?", (named[1],))
    far = next(hit for hit in erasing.plan(local, one).named_in if hit.id == named[1])
    assert not far.reached
    with pytest.raises(InvalidFields):
        erasing.erase(local, WHO, one, asked, texts={("household_visit", named[1], "note"): ""})
    done, _ = erasing.erase(local, WHO, one, asked, texts={("support_need", named[0], "note"): ""})
    assert [hit.id for hit in done.named_in] == [named[1]]


def test_what_stands_there_is_shown_masked(local: Store, nhu: tuple[str, str, str]) -> None:
    """A number by its last digits, and no word of a condition that few may see."""
    door, one, _ = nhu
    other = person(local, door, "Lê Văn Ba", phone=PHONE)
    with local.work(WHO) as work:
        said = {"person": other, "condition": "other", "note": f"{NAME} nói bị HIV"}
        work.create("person_condition", said, place=work.get("person", one))
    shown = {text for hit in erasing.plan(local, one).named_in for text in hit.texts.values()}
    assert not any(word in text for text in shown for word in ("HIV", NAME, PHONE[3:]))
    assert len(shown) == 2


def test_the_words_go_out_of_a_record_that_the_same_save_changes(
    local: Store, nhu: tuple[str, str, str]
) -> None:
    """Her household, of which she was the head."""
    door, one, asked = nhu
    people.save_household(local, WHO, {"note": f"nhà {NAME}"}, household=door)
    erasing.erase(local, WHO, one, asked, texts={("household", door, "note"): ""})
    assert row(local, "household", door).body.keys().isdisjoint({"note", "head"})
    local.scrub()
    assert names_left(local) == []
