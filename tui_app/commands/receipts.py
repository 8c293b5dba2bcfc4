"""receipts: what met the server on a day, the delivery sheet to print and sign, and the receipts of one record."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date, show_moment, show_time, today
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.services.exchange.record_history import Told


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    receipts = commands.add_parser("receipts", help=t("receipts.help"))
    which = receipts.add_mutually_exclusive_group()
    which.add_argument("--date", metavar="D", help=t("receipts.help_date"))
    which.add_argument("--record", metavar="ID", help=t("receipts.help_record"))
    receipts.add_argument("--out", type=Path, metavar="FILE", help=t("receipts.help_out"))
    receipts.add_argument("--names", action="store_true", help=t("receipts.help_names"))
    common.add_json(receipts)
    common.add_login(receipts)
    receipts.set_defaults(run=run_receipts)


def run_receipts(arguments: Arguments) -> int:
    """A day's receipts as lines, as one object, or as a sheet in a file."""
    from tui_app.services.exchange import receipts
    from tui_app.services.exchange.delivery_sheet import FORMATS, delivery_sheet

    if arguments.record is not None:
        return _run_record(arguments)
    day = common.day_of(arguments.date)
    suffix = arguments.out.suffix[1:].lower() if arguments.out is not None else ""
    if arguments.out is not None and suffix not in FORMATS:
        raise UserError("receipts.bad_format", file=str(arguments.out))
    if arguments.names:
        if arguments.out is None:
            raise UserError("receipts.names_need_file")
        say("receipts.names_warning")
    with common.unlocked(arguments) as workspace:
        asked = day or today(workspace.clock)
        if arguments.out is None:
            with workspace.store.read() as c:
                found = receipts.day(c, asked, today(workspace.clock))
        else:
            found, body = delivery_sheet(workspace, asked, suffix, names=arguments.names)
            with common.output(arguments.out) as stream:
                stream.write(body)
            say("receipts.written", count=len(found.deliveries), file=str(arguments.out))
    if arguments.json:
        put_json(_json(found))
    elif arguments.out is None:
        _print(found)
    return 0


def _run_record(arguments: Arguments) -> int:
    """Every change of one record, from the server too; exit 3 when it could not be reached."""
    from tui_app.services.exchange.record_history import record_history

    if arguments.out is not None or arguments.names:
        raise UserError("receipts.record_alone")
    with common.unlocked(arguments) as workspace:
        found = record_history(workspace, arguments.record)
    if arguments.json:
        put_json(asdict(found))
    else:
        for one in reversed(found.changes):
            put("  ".join(_change_words(found.type, one)))
        if not found.changes:
            say("receipts.record_nothing")
        if found.asked != "asked":
            say(f"receipts.{found.asked}")
    return 3 if found.asked == "no_link" else 0


def _change_words(type_name: str, one: Told) -> tuple[str, ...]:
    from tui_app.services.exchange.delivery_sheet import result_words
    from tui_app.services.people.values import field_word

    what = t("receipts.change_new") if one.new else ", ".join(map(field_word, one.fields))
    result = t("receipts.unsent") if one.result == "unsent" else result_words(one.result)
    return (
        show_moment(one.answered or one.at),
        one.who,
        what,
        result,
        one.receipt or t("receipts.none"),
    )


def _print(found: Any) -> None:
    from tui_app.services.exchange.delivery_sheet import receipt_words, result_words
    from tui_app.services.people.values import type_word

    for one in reversed(found.deliveries):
        cells = (
            show_time(one.at),
            type_word(one.type),
            one.whose.code,
            str(one.changes),
            result_words(one.result),
        )
        put("  ".join((*cells, receipt_words(one))))
    if not found.deliveries:
        say("receipts.empty_day")
    if not found.complete:
        say("receipts.incomplete")
        say("receipts.ask_record")
    put(
        f"{show_date(found.day)}: "
        + ", ".join(f"{t(f'receipts.total_{k}')} {v}" for k, v in found.totals.items())
    )


def _json(found: Any) -> dict[str, Any]:
    return {
        "date": found.day.isoformat(),
        "complete": found.complete,
        "totals": found.totals,
        "notes": found.notes,
        "deliveries": [
            {
                "at": one.at,
                "type": one.type,
                "record": one.record,
                "code": one.whose.code,
                "changes": one.changes,
                "result": one.result,
                "receipts": list(one.receipts),
            }
            for one in reversed(found.deliveries)
        ],
    }
