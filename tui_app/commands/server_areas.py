"""server areas convert, undecided, assign, split: communes that are merged, and what a person has to decide of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date
from tui_app.commands import common
from tui_app.commands.common import Arguments, day_of, put, put_json, say
from tui_app.commands.server_common import finish, now, opened
from tui_app.errors import BadFile, UserError
from tui_app.i18n import t

if TYPE_CHECKING:
    from sync.server.converted import Conversion, Waiting

EFFECTIVE = date(2025, 7, 1)  # NQ 202/2025/QH15, QĐ 19/2025/QĐ-TTg (rules §3.7)
DOCUMENT = "QĐ 19/2025/QĐ-TTg"


def add(actions: Any) -> None:
    """Declare the commands of this module, under ``server areas``."""
    convert = actions.add_parser(
        "convert", help=t("units.help_convert"), description=t("units.about_convert")
    )
    convert.add_argument("file", type=Path)
    convert.add_argument("--from", dest="effective", metavar="D", help=t("units.help_effective"))
    convert.add_argument("--document", metavar="TEXT", default=DOCUMENT, help=t("units.help_document"))
    convert.add_argument(
        "--code", action="append", default=[], metavar="OURS=THEIRS", help=t("units.help_code")
    )
    convert.add_argument("--dry-run", action="store_true", help=t("cli.help_dry_run"))
    common.add_json(convert)
    finish(convert, run_convert)
    undecided = actions.add_parser("undecided", help=t("units.help_undecided"))
    common.add_json(undecided)
    finish(undecided, run_undecided)
    assign = actions.add_parser("assign", help=t("units.help_assign"))
    assign.add_argument("unit", metavar="UNIT")
    assign.add_argument("code", metavar="NEWCODE")
    assign.add_argument("--name", default="", help=t("units.help_commune_name"))
    common.add_json(assign)
    finish(assign, run_assign)
    split = actions.add_parser("split", help=t("units.help_split"))
    split.add_argument("unit", metavar="UNIT")
    split.add_argument("parts", metavar="NEWUNIT", nargs="+", help=t("units.help_parts"))
    common.add_json(split)
    finish(split, run_split)


def run_convert(arguments: Arguments) -> int:
    """Take the operator's table."""
    from sync.server.area_table import read_table
    from sync.server.conversion import convert
    from tui_app.records import REGISTRY

    try:
        lines = arguments.file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("cli.cannot_read", file=str(arguments.file), reason=type(error).__name__) from error
    read = read_table(lines)
    effective = day_of(arguments.effective) or EFFECTIVE
    codes = dict(_code_pair(text) for text in arguments.code)
    with opened(arguments) as database:
        done = convert(
            database,
            REGISTRY,
            read,
            effective,
            arguments.document,
            other_codes=codes,
            dry_run=arguments.dry_run,
            now=now(),
        )
    if arguments.json:
        put_json(_as_json(done))
    else:
        _put_conversion(done)
    return 4 if done.waiting or done.problems else 0


def run_undecided(arguments: Arguments) -> int:
    """Units that wait for a person."""
    from sync.server.conversion import undecided

    with opened(arguments) as database:
        found = undecided(database)
    for one in found:
        if arguments.json:
            put_json(asdict(one))
        else:
            _put_waiting(one)
    if not found and not arguments.json:
        say("units.none_undecided")
    return 4 if found else 0


def run_assign(arguments: Arguments) -> int:
    """One unit to one of the new communes."""
    from sync.server.deciding import assign
    from tui_app.records import REGISTRY

    with opened(arguments) as database:
        moved = assign(database, REGISTRY, arguments.unit, arguments.code, name=arguments.name, now=now())
    if arguments.json:
        put_json(asdict(moved))
    else:
        say("units.assigned", unit=moved.unit, was=moved.was, now=moved.now, commune=moved.commune)
    return 0


def run_split(arguments: Arguments) -> int:
    """One unit into several; households wait for the chief."""
    from sync.server.deciding import NewUnit, split
    from tui_app.records import REGISTRY

    parts = []
    for text in arguments.parts:
        place, _, name = text.partition("=")
        commune, _, code = place.strip().partition("/")
        if not commune or not code:
            raise UserError("units.bad_part", part=text)
        parts.append(NewUnit(commune, code, name.strip()))
    with opened(arguments) as database:
        done = split(database, REGISTRY, arguments.unit, parts, now=now())
    if arguments.json:
        put_json(asdict(done))
    else:
        made = ", ".join(place for place, _ in done.made)
        say("units.was_split", place=done.place, made=made, households=done.households)
    return 0


def _as_json(done: Conversion) -> dict[str, Any]:
    answer = asdict(done)
    for when in ("before", "after"):
        answer[when].pop("by_unit")
    names = ("code", "name", "units", "households", "persons")
    answer["communes"] = [dict(zip(names, one, strict=True)) for one in done.communes]
    return answer


def _put_conversion(done: Conversion) -> None:
    for number, word, detail in done.problems:
        put(t("cli.areas_bad_line", line=number, problem=t("units.line_" + word, detail=detail)))
    for moved in done.moved:
        put(t("units.moved", was=moved.was, now=moved.now, unit=moved.unit, commune=moved.commune))
    for one in done.waiting:
        _put_waiting(one)
    for code, name, units, households, persons in done.communes:
        put(t("units.commune", code=code, name=name, units=units, households=households, persons=persons))
    for key, counted in (("units.before", done.before), ("units.after", done.after)):
        totals = {name: getattr(counted, name) for name in ("communes", "units", "households", "persons")}
        put(t(key, **totals))
    counts = {"moved": len(done.moved), "same": done.same, "waiting": len(done.waiting)}
    day = show_date(done.effective)
    say("units.rehearsed" if done.dry_run else "units.converted", day=day, document=done.document, **counts)
    if done.waiting and not done.dry_run:
        say("units.next")


def _put_waiting(one: Waiting) -> None:
    targets = "; ".join(
        f"{code} {name} ({note})" if note else f"{code} {name}" for code, name, note in one.targets
    )
    reason = t(f"units.reason_{one.reason}", day=show_date(one.effective), targets=targets)
    put(
        t(
            "units.waiting",
            place=one.place,
            unit=one.unit,
            commune=one.commune,
            households=one.households,
            persons=one.persons,
            reason=reason,
        )
    )


def _code_pair(text: str) -> tuple[str, str]:
    ours, _, theirs = text.partition("=")
    if not ours.strip() or not theirs.strip():
        raise UserError("units.bad_code_pair", value=text)
    return ours.strip(), theirs.strip()
