"""The units a server serves: read from a list, kept as `area` records that laptops pull like any other.

A unit that comes later gets the rule sets that were published before it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from sync.protocol import Op, to_wire
from sync.registry import Registry
from sync.server import rule_sets
from sync.server.adopting import adopt
from sync.server.area import AreaPush
from sync.server.database import Database, Transaction
from sync.server.intake import Arrived
from sync.server.problems import AdminError
from sync.server.tables import WHOLE_COMMUNE
from sync.server.units import Homes, all_units, formerly, fresh_id, homes_of_codes
from sync.unit_names import former_places, place_code

SERVER = "server"  # the device that writes `area` records


@dataclass(slots=True)
class AreasImport:
    """What came of a file. ``adopted``: units that got their old id back; ``problems``: (line number, word for the
    catalogue, what it names)."""

    added: int = 0
    adopted: int = 0
    changed: int = 0
    same: int = 0
    problems: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Unit:
    line: int
    commune_code: str
    fields: dict[str, Any]
    id: str


_REQUIRED = ("commune_code", "commune_name", "unit_code", "unit_name")


def areas_import(
    database: Database,
    registry: Registry,
    lines: Iterable[str],
    *,
    now: datetime | None = None,
    new_id: Callable[[], str] = fresh_id,
) -> AreasImport:
    """Take units from CSV lines: new ones get an opaque id, known ones their new names. A bad line is
    listed, the rest goes in.

    Columns: commune_code, commune_name, unit_code, unit_name [, valid_from, valid_to (YYYY-MM-DD), aliases
    (with ;), unit_id]. A unit is known by its commune code and unit code, as they are now: a list with codes from
    before a conversion makes no unit a second time. ``unit_id`` gives it back an id that held ops name. Raises
    AdminError when a required column is missing.
    """
    done = AreasImport()
    with database.read() as tx:
        there = all_units(tx)
    homes, former = homes_of_codes(there), formerly(there)
    communes: dict[str, list[_Unit]] = {}
    for unit in _units(lines, done):
        if now_at := former.get((place_code(unit.fields), unit.fields["commune_name"])):
            done.problems.append((unit.line, "former_code", now_at))
            continue
        communes.setdefault(unit.commune_code, []).append(unit)
    for code, units in communes.items():
        with database.write() as tx:
            moment = to_wire(now or datetime.now(UTC))
            _import_commune(tx, registry, homes.get(code, Homes(code)), units, done, moment, new_id)
    return done


def _units(lines: Iterable[str], done: AreasImport) -> Iterator[_Unit]:
    reader = csv.DictReader(_without_mark(lines), skipinitialspace=True)
    names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise AdminError("areas_columns", columns=", ".join(missing))
    reader.fieldnames = names
    seen: set[tuple[str, str]] = set()
    for row in reader:
        values = {name: (row.get(name) or "").strip() for name in names if name}
        if not any(values.values()):
            continue
        problem = _problem(values, seen)
        if problem:
            done.problems.append((reader.line_num, *problem))
            continue
        seen.add((values["commune_code"], values["unit_code"]))
        fields: dict[str, Any] = {name: values[name] for name in _REQUIRED}
        fields |= {name: values[name] for name in ("valid_from", "valid_to") if values.get(name)}
        aliases = [alias.strip() for alias in values.get("aliases", "").split(";") if alias.strip()]
        if aliases:
            fields["aliases"] = aliases
        yield _Unit(reader.line_num, values["commune_code"], fields, values.get("unit_id", ""))


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    for place, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if place == 0 else line


def _problem(values: dict[str, str], seen: set[tuple[str, str]]) -> tuple[str, str] | None:
    for name in _REQUIRED:
        if not values[name]:
            return "missing", name
    for name in ("commune_code", "unit_code"):
        if not all(letter.isalnum() or letter in "-_." for letter in values[name]):
            return "bad_code", name
    for name in ("valid_from", "valid_to"):
        if values.get(name) and not _is_date(values[name]):
            return "bad_date", name
    if values.get("valid_from") and values.get("valid_to") and values["valid_to"] < values["valid_from"]:
        return "ends_before_start", "valid_to"
    if (values["commune_code"], values["unit_code"]) in seen:
        return "twice", "unit_code"
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _import_commune(
    tx: Transaction,
    registry: Registry,
    there: Homes,
    units: list[_Unit],
    done: AreasImport,
    now: str,
    new_id: Callable[[], str],
) -> None:
    code = units[0].commune_code
    known = {
        body["unit_code"]: (home, area, body, seq)
        for home in sorted({there.new, *there.all})
        for area, body, seq in area_records(tx, home)
        if body.get("commune_code") == code
    }
    sets, added = rule_sets.offered(tx), set()
    for unit in units:
        commune, area, body, seq = known.get(unit.fields["unit_code"], (there.new, "", {}, 0))
        old = unit.id if unit.id != area else ""
        if old:
            problem = adopt(tx, commune, old, area)
            if problem:
                done.problems.append((unit.line, problem, old))
                continue
            area, body, seq = "", {}, 0
        fields = unit.fields | _kept(body, unit.fields)
        changes = {
            name: (body.get(name), fields.get(name))
            for name in body.keys() | fields.keys()
            if body.get(name) != fields.get(name)
        }
        if not changes:
            done.same += 1
            rule_sets.hand_out(tx, registry, commune, area, sets, now, new_id)
            continue
        if not area:
            area = old or new_id()
            tx.run(
                "INSERT INTO area_head (commune, area, seq, gen, digest, updated)"
                " VALUES (:commune, :area, 0, :gen, '0', :now)",
                commune=commune,
                area=area,
                gen=new_id(),
                now=now,
            )
            done.adopted += bool(old)
            done.added += not old
            added.add(commune)
        else:
            done.changed += 1
        op = Op(
            id=new_id(),
            device=SERVER,
            n=0,
            commune=commune,
            area=area,
            type="area",
            record=area,
            at=now,
            who=SERVER,
            set=changes,
            base_seq=seq,
        )
        result = AreaPush(tx, registry, commune, area, now, b"").take([Arrived(0, op, now)], trusted=True)[0]
        if result.result != "applied":
            raise AdminError("area_refused", line=unit.line, reason=result.reason or result.result)
        rule_sets.hand_out(tx, registry, commune, area, sets, now, new_id)
    for commune in sorted(added):
        tx.run(
            "UPDATE device SET scope_epoch = scope_epoch + 1 WHERE id IN"
            " (SELECT g.device FROM area_grant AS g WHERE g.commune = :commune AND g.area = :whole)",
            commune=commune,
            whole=WHOLE_COMMUNE,
        )


def _kept(body: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What a list does not take away from a unit that was converted: its former names and codes, and since when it is
    called as it is."""
    former = body.get("former")
    if not former:
        return {}
    aliases = dict.fromkeys([*given.get("aliases", ()), *former_places(body)])
    kept = {"former": former, "aliases": list(aliases)}
    return kept if "valid_from" in given else kept | {"valid_from": body.get("valid_from")}


def area_records(tx: Transaction, commune: str) -> list[tuple[str, dict[str, Any], int]]:
    """The units that live in a home: area id, body of its `area` record, counter of that record."""
    found = tx.all(
        "SELECT r.area, r.body, r.seq FROM record AS r JOIN area_head AS h"
        " ON h.commune = r.commune AND h.area = r.area"
        " WHERE r.commune = :commune AND r.type = 'area' AND r.id = r.area",
        commune=commune,
    )
    return [(area, msgspec.json.decode(body), int(seq)) for area, body, seq in found]
