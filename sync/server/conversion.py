"""A conversion of communes: whole merges move by themselves, split ones wait for a person.

A unit keeps its id, its home and every row; only its `area` record gets other names, and the old ones as ``former``.
What the table says is about the codes of the day before, so that a code given to another commune, a second table and
the same table again are all told apart. All of it is one transaction, and totals that differ afterwards undo it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from sync.protocol import to_wire
from sync.registry import Registry
from sync.server.area_table import ConversionTable, Pair, folded, goes_whole
from sync.server.converted import Conversion, Kept, Moved, Waiting
from sync.server.database import Database, Transaction
from sync.server.problems import AdminError
from sync.server.unit_changes import Totals, change_unit, lock_heads, renamed, totals
from sync.server.units import KnownUnit, all_units, fresh_id
from sync.unit_names import named_on, until

_STATE = "conversion:"  # in server_state, followed by the day
LATER = "later"


class _Undone(Exception):
    """Ends the transaction of a rehearsal."""


def convert(
    database: Database,
    registry: Registry,
    read: ConversionTable,
    effective: date,
    document: str,
    *,
    other_codes: Mapping[str, str] | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
    new_id: Callable[[], str] = fresh_id,
) -> Conversion:
    """Give every unit of a commune that is merged whole its new names from ``effective`` on.

    ``other_codes``: a code of this server -> the code the table has for that commune. ``dry_run``: everything is done
    and undone. Raises AdminError when totals differ afterwards: then nothing was changed.
    """
    done: Conversion | None = None
    try:
        with database.write() as tx:
            moment = to_wire(now or datetime.now(UTC))
            done = _convert(
                tx, registry, read, effective.isoformat(), document, other_codes or {}, moment, new_id
            )
            done.dry_run = dry_run
            if dry_run:
                raise _Undone
    except _Undone:
        pass
    assert done is not None
    return done


def _convert(
    tx: Transaction,
    registry: Registry,
    read: ConversionTable,
    effective: str,
    document: str,
    other_codes: Mapping[str, str],
    moment: str,
    new_id: Callable[[], str],
) -> Conversion:
    units = all_units(tx)
    lines: dict[str, list[Pair]] = defaultdict(list)
    for pair in read.pairs:
        lines[pair.old].append(pair)
    lines |= {ours: lines[theirs] for ours, theirs in other_codes.items() if theirs in lines}
    whole = {unit.area: to for unit in units if (to := _goes(unit, effective, lines)) is not None}
    lock_heads(tx, [unit for unit in units if unit.area in whole])
    before = totals(tx, units)
    done = Conversion(effective, document, False, before, before, problems=list(read.problems))
    taken = _taken(units, whole)
    for unit in units:
        if (to := whole.get(unit.area)) is None:
            done.same += _is_same(unit, effective, lines)
            continue
        body = renamed(unit, to.new, to.name, effective, document, taken)
        change_unit(tx, registry, unit, body, moment, new_id)
        done.moved.append(_moved(unit, body))
    kept = _keep(tx, effective, document, lines, units)
    after = all_units(tx)
    done.after = totals(tx, after)
    expected = {whole[unit.area].new if unit.area in whole else unit.code for unit in units}
    if done.after.by_unit != before.by_unit or {unit.code for unit in after} != expected:
        raise AdminError("conversion_totals", before=before.words(), after=done.after.words())
    done.waiting = _waiting(kept, after, done.after)
    done.communes = _communes(after, done.after, {to.new for to in whole.values()})
    return done


def undecided(database: Database) -> list[Waiting]:
    """Every unit of every conversion that waits for a person, by its place."""
    with database.read() as tx:
        units = all_units(tx)
        counted = totals(tx, units)
        found = [one for kept in kept_conversions(tx) for one in _waiting(kept, units, counted)]
    return sorted(found, key=lambda one: (one.effective, one.place))


def kept_conversions(tx: Transaction) -> list[Kept]:
    """What is kept of the tables, by their day."""
    found = tx.all("SELECT value FROM server_state WHERE name LIKE :name ORDER BY name", name=f"{_STATE}%")
    return [msgspec.json.decode(value, type=Kept) for (value,) in found]


def old_code(unit: KnownUnit, effective: str) -> str | None:
    """The code of the unit's commune on the day before; None when the unit began later, or ended before; `LATER` when a
    later table was taken in first, so that nobody knows."""
    names = until(unit.body, effective)
    if names is not None:
        return str(names.get("commune_code"))
    if (unit.body.get("valid_to") or effective) < effective:
        return None
    if (unit.body.get("valid_from") or "") >= effective and not unit.body.get("former"):
        return None
    return unit.code if (unit.body.get("valid_from") or "") < effective else LATER


def _goes(unit: KnownUnit, effective: str, lines: Mapping[str, list[Pair]]) -> Pair | None:
    """Where a unit goes by this table, None when it stays, went already or waits."""
    code = old_code(unit, effective)
    to = goes_whole(lines.get(code or "", []))
    if to is None or until(unit.body, effective) is not None:
        return None
    same = to.new == unit.code and folded(to.name) == folded(str(unit.body.get("commune_name", "")))
    return None if same else to


def _is_same(unit: KnownUnit, effective: str, lines: Mapping[str, list[Pair]]) -> bool:
    to = goes_whole(lines.get(old_code(unit, effective) or "", []))
    return to is not None and named_on(unit.body, effective).get("commune_code") == to.new


def _taken(units: Iterable[KnownUnit], whole: Mapping[str, Pair]) -> dict[str, tuple[set[str], list[str]]]:
    """new code -> unit codes that stay taken there, and the folded names of all units it will have."""
    found: dict[str, tuple[set[str], list[str]]] = defaultdict(lambda: (set(), []))
    for unit in units:
        code = whole[unit.area].new if unit.area in whole else unit.code
        found[code][1].append(folded(str(unit.body.get("unit_name", ""))))
        if unit.code == code:
            found[code][0].add(str(unit.body.get("unit_code")))
    arriving: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        if unit.area in whole and unit.code != whole[unit.area].new:
            arriving[whole[unit.area].new].append(str(unit.body.get("unit_code")))
    for code, names in arriving.items():
        found[code][0].update(name for name in names if names.count(name) > 1)
    return found


def _moved(unit: KnownUnit, body: Mapping[str, Any]) -> Moved:
    return Moved(
        area=unit.area,
        was=unit.place,
        now=f"{body['commune_code']}/{body['unit_code']}",
        was_commune=str(unit.body.get("commune_name", "")),
        commune=str(body["commune_name"]),
        unit=str(body["unit_name"]),
    )


def _keep(
    tx: Transaction,
    effective: str,
    document: str,
    lines: Mapping[str, list[Pair]],
    units: Iterable[KnownUnit],
) -> Kept:
    """Keep what the table says of this server's communes, beside what an earlier table of that day said of others."""
    found = tx.one("SELECT value FROM server_state WHERE name = :name", name=_STATE + effective)
    earlier = msgspec.json.decode(found[0], type=Kept).of() if found else {}
    here, before = set(), set()
    for unit in units:
        code = old_code(unit, effective)
        if code == LATER:
            before |= {str(one.get("commune_code")) for one in unit.body["former"]}
        elif code is not None:
            here.add(code)
    now = {code: lines.get(code) or earlier.get(code, []) for code in sorted(here | before)}
    kept = Kept(
        effective,
        document,
        [(code, pair.new, pair.name, pair.note) for code, pairs in now.items() for pair in pairs],
        [code for code, pairs in now.items() if code in here and not pairs],
    )
    tx.run(
        "INSERT INTO server_state (name, value) VALUES (:name, :value)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=_STATE + effective,
        value=msgspec.json.encode(kept).decode(),
    )
    return kept


def _waiting(kept: Kept, units: Iterable[KnownUnit], counted: Totals) -> list[Waiting]:
    found, lines = [], kept.of()
    for unit in units:
        code = old_code(unit, kept.effective)
        if code is None:
            continue
        pairs, went = lines.get(code, []), until(unit.body, kept.effective) is not None
        to = goes_whole(pairs)
        if code == LATER:
            reason = (
                "later" if any(str(one.get("commune_code")) in lines for one in unit.body["former"]) else ""
            )
        elif to is not None:
            after = named_on(unit.body, kept.effective).get("commune_code")
            reason = "otherwise" if after != to.new else ""
        elif went:
            reason = ""
        else:
            reason = "split" if pairs else "missing" if code in kept.missing else ""
        if reason:
            households, persons = counted.by_unit[unit.area]
            found.append(
                Waiting(
                    unit.area,
                    unit.place,
                    str(unit.body.get("unit_name", "")),
                    str(unit.body.get("commune_name", "")),
                    kept.effective,
                    reason,
                    [(pair.new, pair.name, pair.note) for pair in pairs],
                    households,
                    persons,
                )
            )
    return found


def _communes(
    units: Iterable[KnownUnit], counted: Totals, codes: set[str]
) -> list[tuple[str, str, int, int, int]]:
    of: dict[str, list[KnownUnit]] = defaultdict(list)
    for unit in units:
        if unit.code in codes:
            of[unit.code].append(unit)
    return [
        (
            code,
            str(here[0].body.get("commune_name", "")),
            len(here),
            sum(counted.by_unit[unit.area][0] for unit in here),
            sum(counted.by_unit[unit.area][1] for unit in here),
        )
        for code, here in sorted(of.items())
    ]
