"""Rule sets a server offers: in every unit, also in those that come later."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.server import admin, rule_sets
from sync.server.areas import AreasImport, area_records, areas_import
from sync.server.database import Database
from sync.server.keys import server_keys
from tests.sync.meeting import START
from tests.sync.ward import Ward
from tui_app.records import REGISTRY

HEAD = "commune_code,commune_name,unit_code,unit_name"
FIRST = ("27211,Phường Hòa Bình,01,Khu phố 1", "27300,Xã Tân Lập,01,Thôn 1")
LATER = "27211,Phường Hòa Bình,02,Khu phố 2"


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    made = admin.init(place, START)
    yield made
    made.close()


def load(database: Database, *lines: str) -> AreasImport:
    return areas_import(database, REGISTRY, [HEAD, *lines], now=START)


def publish(database: Database, name: str, text: str) -> rule_sets.Published:
    return rule_sets.publish(database, REGISTRY, name, text, now=START)


def held(database: Database) -> dict[str, list[tuple[str, str, bool]]]:
    """Unit -> the sets it holds: id, text, and whether the server signed the text."""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    with database.read() as tx:
        key = server_keys(tx).signing.public_key()
        for commune in ("27211", "27300"):
            for area, body, _ in area_records(tx, commune):
                rows = [stored.record.body for stored in rule_sets.held(tx, commune, area)]
                said = [(one["rule_set"], one["text"], _signed(key, one)) for one in rows]
                found[f"{commune}/{body['unit_code']}"] = sorted(said)
    return found


def _signed(key: Ed25519PublicKey, one: dict[str, str]) -> bool:
    key.verify(base64.b64decode(one["signature"]), one["text"].encode())
    return True


def test_a_unit_that_comes_later_gets_what_was_published_before_it(database: Database) -> None:
    load(database, *FIRST)
    publish(database, "qd-1", "một")
    publish(database, "qd-2", "hai")
    rule_sets.withdraw(database, REGISTRY, "qd-2", now=START)
    assert load(database, *FIRST, LATER, "27300,Xã Tân Lập,02,Thôn 2").added == 2
    sets = held(database)
    assert sets["27211/02"] == sets["27300/02"] == [("qd-1", "một", True)], "what is offered, signed"
    assert publish(database, "qd-1", "một").changed == 0, "nobody waits for the next publishing"
    assert publish(database, "qd-1", "mới").changed == 4
    assert {one[1] for several in held(database).values() for one in several if one[0] == "qd-1"} == {"mới"}


def test_a_list_taken_in_again_gives_what_a_unit_lacks_and_nothing_twice(database: Database) -> None:
    load(database, *FIRST)
    publish(database, "qd-1", "một")
    load(database, LATER)
    with database.write() as tx:  # as a unit that came before units were given the sets
        ((area, _, _),) = [one for one in area_records(tx, "27211") if one[1]["unit_code"] == "02"]
        tx.run("DELETE FROM record WHERE area = :area AND type = 'rule_set'", area=area)
    assert load(database, LATER).same == 1
    before = held(database)
    assert before["27211/02"] == [("qd-1", "một", True)]
    with database.read() as tx:
        seq = tx.one("SELECT seq FROM area_head WHERE area = :area", area=area)
    load(database, LATER)
    with database.read() as tx:
        assert tx.one("SELECT seq FROM area_head WHERE area = :area", area=area) == seq
    assert held(database) == before


def test_a_server_that_published_nothing_gives_nothing(database: Database) -> None:
    load(database, *FIRST)
    load(database, LATER)
    assert set(map(tuple, held(database).values())) == {()}


def test_a_laptop_finds_the_set_in_a_unit_that_came_later(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    try:
        rule_sets.publish(ward.database, REGISTRY, "qd-1", "một", now=ward.clock())
        laptop = ward.laptop("lan", areas="27211")
        laptop.sync()
        before = len(laptop.all("SELECT id FROM rule_set"))
        areas_import(ward.database, REGISTRY, [HEAD, "27211,Phường Hòa Bình,09,Khu phố 9"], now=ward.clock())
        laptop.sync()
        assert len(laptop.all("SELECT id FROM rule_set")) == before + 1
        assert set(laptop.all("SELECT rule_set, text FROM rule_set")) == {("qd-1", "một")}
    finally:
        ward.close()
