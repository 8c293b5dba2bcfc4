"""receipts: what met the server on a day, and the delivery sheet to print and sign."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from tui_app.clock import show_date, show_time, today
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    receipts = commands.add_parser("receipts", help=t("receipts.help"))
    receipts.add_argument("--date", metavar="D", help=t("receipts.help_date"))
    receipts.add_argument("--out", type=Path, metavar="FILE", help=t("receipts.help_out"))
    receipts.add_argument("--names", action="store_true", help=t("receipts.help_names"))
    common.add_json(receipts)
    common.add_login(receipts)
    receipts.set_defaults(run=run_receipts)


def run_receipts(arguments: Arguments) -> int:
    """A day's receipts as lines, as one object, or as a sheet in a file."""
    from tui_app.services import receipts
    from tui_app.services.delivery_sheet import FORMATS, delivery_sheet

    day = _day(arguments.date)
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


def _print(found: Any) -> None:
    from tui_app.services.delivery_sheet import receipt_words, result_words
    from tui_app.services.values import type_word

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


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError("receipts.bad_day", value=text) from error
