"""What a person who asked to see their data is handed: all of their own, nothing of others, and that is noted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.papers.conftest import noted, words
from tests.services.laptop_alone import area_id, laptop
from tui_app.bootstrap import Workspace
from tui_app.errors import InvalidFields, NotOpened
from tui_app.papers.person_data import write_person_data
from tui_app.services.people import people
from tui_app.services.requests import register

CASE = {
    "first_positive_on": "2026-11-10",
    "started_on": "2026-11-10",
    "place": "home",
    "source": "positive_test",
}
READ_AT = "2026-11-11T01:00:00Z"
CONTACT = {"level": 1, "met": "other", "last_met_on": "2026-11-09"}


@pytest.fixture
def station(tmp_path: Path) -> Workspace:
    """Hằng, ill at home, with a contact of hers, and herself a contact of Tí's."""
    alone = laptop(tmp_path, units=("Khu phố 1",))
    alone.store.role = "chief"
    door = people.save_household(alone.store, "lan", {"address": "12 Lê Lợi"}, area=area_id(1))
    hang, ti = (
        people.save_person(alone.store, "lan", {"full_name": name, **more}, household=door)
        for name, more in (("Lê Thị Hằng", {"national_id": "079168009876"}), ("Phạm Văn Tí", {}))
    )
    make(alone, hang, "person_condition", person=hang, condition="diabetes")
    make(alone, hang, "person_condition", person=hang, condition="hiv")
    make(alone, hang, "vaccination_dose", person=hang, given_on="2021-08-31", product="AZD1222")
    own = make(alone, hang, "case", person=hang, **CASE)
    slot = {"slot": "am", "slot_on": "2026-11-11"}
    make(alone, hang, "observation", case=own, person=hang, at=READ_AT, spo2=97, **slot)
    make(alone, hang, "contact", case=own, full_name="Trần Văn Ngoài", phone="+84903111222", **CONTACT)
    other = make(alone, ti, "case", person=ti, **CASE)
    make(alone, ti, "contact", case=other, person=hang, note="ăn cơm chung", **CONTACT)
    return alone


def make(workspace: Workspace, owner: str, type_name: str, **fields: Any) -> str:
    with workspace.store.work("lan") as work:
        return work.create(type_name, fields, place=work.get("person", owner))


def asked(workspace: Workspace, name: str, kind: str = "access") -> str:
    with workspace.store.read() as c:
        (person,) = c.execute("SELECT id FROM person WHERE full_name = ?", (name,)).fetchone()
    return register.add(workspace.store, "lan", person, kind)


def test_all_of_their_own_and_nothing_of_others(station: Workspace) -> None:
    request = asked(station, "Lê Thị Hằng")
    said = words(write_person_data(station, request, "pdf"))
    for own in (
        "Lê Thị Hằng",
        "079168009876",
        "12 Lê Lợi",
        "Đái tháo đường",
        "31/08/2021",
        "97",
        "ăn cơm chung",
    ):
        assert own in said
    for other in ("Phạm Văn Tí", "Trần Văn Ngoài", "0903 111 222", "HIV"):
        assert other not in said
    assert noted(station.store)[-1][:3] == ("lan", "export", "person")
    assert noted(station.store)[-1][4] == "person-data"
    station.close()


def test_as_json_by_type(station: Workspace) -> None:
    found = json.loads(write_person_data(station, asked(station, "Lê Thị Hằng"), "json"))["records"]
    assert [one["condition"] for one in found["person_condition"]] == ["diabetes"]
    assert found["observation"][0]["spo2"] == 97
    assert "Ngoài" not in json.dumps(found, ensure_ascii=False)
    assert "hiv" not in json.dumps(found)
    station.close()


def test_only_for_a_request_to_see_and_only_by_the_chief(station: Workspace) -> None:
    with pytest.raises(InvalidFields):
        write_person_data(station, asked(station, "Lê Thị Hằng", "correction"), "pdf")
    request = asked(station, "Lê Thị Hằng")
    station.store.role = "member"
    with pytest.raises(NotOpened):
        write_person_data(station, request, "pdf")
    station.close()
