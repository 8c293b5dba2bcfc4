"""What a person decides of a conversion: which commune a unit belongs to, or that the unit itself is split.

A unit that is split through its middle becomes several: new units beside it, in its home, for the same laptops. The old
one ends and keeps its rows until the chief has put each household into one of the new ones, on a laptop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.protocol import to_wire
from sync.registry import Registry
from sync.server import rule_sets
from sync.server.area_table import code_of, folded
from sync.server.conversion import LATER, kept_conversions, old_code
from sync.server.converted import Kept, Moved
from sync.server.database import Database, Transaction
from sync.server.problems import AdminError
from sync.server.tables import WHOLE_COMMUNE
from sync.server.unit_changes import Taken, change_unit, lock_heads, renamed, totals
from sync.server.units import KnownUnit, all_units, fresh_id
from sync.unit_names import NAMES, day_before, former_places, place_code


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that takes a part of one that is split. ``name``: "" for the old unit's name."""

    commune: str
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """``area``, ``place``: of the unit that ended; ``made``: place and id of each new one; ``households``: that wait
    for the chief."""

    area: str
    place: str
    made: list[tuple[str, str]]
    households: int


def assign(
    database: Database,
    registry: Registry,
    place: str,
    code: str,
    *,
    name: str = "",
    now: datetime | None = None,
    new_id: Callable[[], str] = fresh_id,
) -> Moved:
    """Let a unit belong to one of the communes that its old one was split into. ``place``: ``27211/01`` or the unit's
    id; ``name``: of a commune that the table does not have. What was assigned wrongly is assigned again.

    Raises AdminError for an unknown unit, one no conversion is about, or a commune that is none of its targets.
    """
    code, moment = code_of(code), to_wire(now or datetime.now(UTC))
    with database.write() as tx:
        units = all_units(tx)
        unit, kept = _unit(units, place), kept_conversions(tx)
        target, conversion = _target(unit, units, kept, code, name)
        lock_heads(tx, [unit])
        before = totals(tx, units)
        body = renamed(
            unit, code, target, conversion.effective, conversion.document, _present(units, code, unit)
        )
        change_unit(tx, registry, unit, body, moment, new_id)
        after = totals(tx, all_units(tx))
        if after.by_unit != before.by_unit:
            raise AdminError("conversion_totals", before=before.words(), after=after.words())
    now_place = place_code(body)
    return Moved(
        unit.area,
        unit.place,
        now_place,
        str(unit.body.get("commune_name", "")),
        target,
        str(body.get("unit_name", "")),
    )


def split(
    database: Database,
    registry: Registry,
    place: str,
    parts: Sequence[NewUnit],
    *,
    now: datetime | None = None,
    new_id: Callable[[], str] = fresh_id,
) -> Split:
    """End a unit and make its parts, of one commune or several. A part that is a unit already is taken as it is.

    Raises AdminError as `assign`, and for fewer than two parts.
    """
    moment = to_wire(now or datetime.now(UTC))
    if len({(part.commune, part.code) for part in parts}) < 2:
        raise AdminError("split_parts")
    with database.write() as tx:
        units, kept = all_units(tx), kept_conversions(tx)
        unit = _unit(units, place)
        there = {one.place: one for one in units}
        made = []
        for part in parts:
            code = code_of(part.commune)
            known = there.get(f"{code}/{part.code}")
            name, conversion = _target(unit, units, kept, code, "")
            if known is None:
                area = _make(tx, registry, unit, part, name, conversion, moment, new_id)
            made.append((f"{code}/{part.code}", known.area if known else area))
        ended = dict(unit.body) | {"valid_to": day_before(conversion.effective)}
        change_unit(tx, registry, unit, ended, moment, new_id)
        _same_laptops(tx, unit, [area for _, area in made], moment)
        households = totals(tx, [unit]).households
    return Split(unit.area, unit.place, made, households)


def _unit(units: Sequence[KnownUnit], place: str) -> KnownUnit:
    found = [unit for unit in units if place in (unit.area, unit.place)]
    found = found or [unit for unit in units if place in former_places(unit.body)]
    if len(found) != 1:
        raise AdminError("unknown_place", place=place)
    return found[0]


def _target(
    unit: KnownUnit, units: Sequence[KnownUnit], kept: Sequence[Kept], code: str, name: str
) -> tuple[str, Kept]:
    """The name of the commune a unit is to belong to, and the conversion that says so, the latest first."""
    for conversion in reversed(kept):
        before = old_code(unit, conversion.effective)
        if before is None or before == LATER:
            continue
        pairs = conversion.of().get(before, [])
        named = next((pair.name for pair in pairs if pair.new == code), "")
        if before in conversion.missing:
            named = name or next((str(one.body["commune_name"]) for one in units if one.code == code), "")
            if not named:
                raise AdminError("commune_name_needed", commune=code)
        if named:
            return named, conversion
        if pairs:
            targets = ", ".join(f"{pair.new} {pair.name}" for pair in pairs)
            raise AdminError("not_a_target", place=unit.place, commune=code, targets=targets)
    raise AdminError("not_converted", place=unit.place)


def _present(units: Sequence[KnownUnit], code: str, besides: KnownUnit) -> Taken:
    """What is taken in a commune by its units, the one that comes counted with its name."""
    here = [unit for unit in units if unit.code == code and unit.area != besides.area]
    names = [folded(str(unit.body.get("unit_name", ""))) for unit in [*here, besides]]
    return {code: ({str(unit.body.get("unit_code")) for unit in here}, names)}


def _make(
    tx: Transaction,
    registry: Registry,
    unit: KnownUnit,
    part: NewUnit,
    commune_name: str,
    conversion: Kept,
    moment: str,
    new_id: Callable[[], str],
) -> str:
    """A new unit in the home of the one that is split, which knows what it was called before."""
    area = new_id()
    tx.run(
        "INSERT INTO area_head (commune, area, seq, gen, digest, updated)"
        " VALUES (:commune, :area, 0, :gen, '0', :now)",
        commune=unit.home,
        area=area,
        gen=new_id(),
        now=moment,
    )
    before = {name: unit.body.get(name) for name in NAMES if unit.body.get(name)}
    ended = before | {"valid_to": day_before(conversion.effective), "document": conversion.document}
    if unit.body.get("valid_from"):
        ended["valid_from"] = unit.body["valid_from"]
    body = {
        "commune_code": code_of(part.commune),
        "commune_name": commune_name,
        "unit_code": part.code,
        "unit_name": part.name or f"{unit.body.get('unit_name')} ({commune_name})",
        "valid_from": conversion.effective,
        "former": [ended],
        "aliases": [unit.place],
    }
    change_unit(tx, registry, KnownUnit(unit.home, area, {}, 0), body, moment, new_id)
    rule_sets.hand_out(tx, registry, unit.home, area, rule_sets.offered(tx), moment, new_id)
    return area


def _same_laptops(tx: Transaction, unit: KnownUnit, areas: Sequence[str], moment: str) -> None:
    """Whoever was given the unit itself is given its parts; who has the whole home has them already, and hears of them
    by a new epoch."""
    for device, mode, until in tx.all(
        "SELECT device, mode, until FROM area_grant WHERE commune = :commune AND area = :area",
        commune=unit.home,
        area=unit.area,
    ):
        for area in areas:
            tx.run(
                "INSERT INTO area_grant (commune, device, area, mode, since, until)"
                " VALUES (:commune, :device, :area, :mode, :since, :until)"
                " ON CONFLICT (commune, device, area) DO NOTHING",
                commune=unit.home,
                device=device,
                area=area,
                mode=mode,
                since=moment,
                until=until,
            )
    tx.run(
        "UPDATE device SET scope_epoch = scope_epoch + 1 WHERE id IN"
        " (SELECT g.device FROM area_grant AS g WHERE g.commune = :commune AND g.area IN (:whole, :area))",
        commune=unit.home,
        whole=WHOLE_COMMUNE,
        area=unit.area,
    )
