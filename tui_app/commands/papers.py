"""record, sheet, certificate, case-form, book: official papers about patients at home, each warned of and noted."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui_app.clock import today
from tui_app.commands import common
from tui_app.commands.care_arguments import day_of, whole_id
from tui_app.commands.common import Arguments, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    record = commands.add_parser("record", help=t("papers.help_record"))
    record.add_argument("case", metavar="CASE")
    record.add_argument("--out", type=Path, metavar="FILE.pdf|json", required=True)
    record.set_defaults(run=run_record)
    sheet = commands.add_parser("sheet", help=t("papers.help_sheet"))
    sheet.add_argument("case", metavar="CASE")
    sheet.add_argument("--out", type=Path, metavar="FILE.pdf", required=True)
    sheet.add_argument("--blank", action="store_true", help=t("papers.help_blank"))
    sheet.set_defaults(run=run_sheet)
    certificate = commands.add_parser("certificate", help=t("papers.help_certificate"))
    certificate.add_argument("case", metavar="CASE")
    certificate.add_argument("--out", type=Path, metavar="FILE.pdf", required=True)
    certificate.set_defaults(run=run_certificate)
    form = commands.add_parser("case-form", help=t("forms.help_case_form"))
    form.add_argument("case", metavar="CASE")
    form.add_argument("--out", type=Path, metavar="FILE.pdf|xlsx", required=True)
    form.set_defaults(run=run_case_form)
    book = commands.add_parser("book", help=t("papers.help_book"))
    book.add_argument("--out", type=Path, metavar="FILE.pdf|xlsx", required=True)
    book.add_argument("--from", dest="since", metavar="D", help=t("papers.help_since"))
    book.add_argument("--until", metavar="D", help=t("papers.help_until"))
    book.set_defaults(run=run_book)
    for parser in (record, sheet, certificate, form, book):
        common.add_json(parser)
        common.add_login(parser)


def run_record(arguments: Arguments) -> int:
    """The home-treatment record of a case, to print or as JSON."""
    from tui_app.papers.home_record import FORMATS, write_home_record

    file_format = _format(arguments.out, FORMATS)
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        _write(arguments, write_home_record(workspace, case, file_format))
    return 0


def run_sheet(arguments: Arguments) -> int:
    """The monitoring sheet of a case, filled or to be filled by hand."""
    from tui_app.papers.monitoring_sheet import FORMATS, write_sheet

    _format(arguments.out, FORMATS)
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        _write(arguments, write_sheet(workspace, case, blank=arguments.blank))
    return 0


def run_certificate(arguments: Arguments) -> int:
    """The certificate of a case that ended in recovery."""
    from tui_app.papers.recovery_certificate import FORMATS, write_certificate

    _format(arguments.out, FORMATS)
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        _write(arguments, write_certificate(workspace, case))
    return 0


def run_case_form(arguments: Arguments) -> int:
    """The form by which a case is reported."""
    from tui_app.papers.case_form import FORMATS, write_case_form

    file_format = _format(arguments.out, FORMATS)
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        _write(arguments, write_case_form(workspace, case, file_format))
    return 0


def run_book(arguments: Arguments) -> int:
    """The station's book of the cases that were open in a period (today when none is given)."""
    from tui_app.papers.station_book import FORMATS, write_book

    file_format = _format(arguments.out, FORMATS)
    since, until = day_of(arguments.since), day_of(arguments.until)
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        until = until or today(workspace.clock)
        count, body = write_book(workspace, since or until, until, file_format)
        _write(arguments, body, count)
    return 0


def _format(out: Path, formats: tuple[str, ...]) -> str:
    file_format = out.suffix[1:].lower()
    if file_format not in formats:
        raise UserError("papers.bad_format", file=str(out), formats=", ".join(formats))
    return file_format


def _write(arguments: Arguments, body: bytes, count: int | None = None) -> None:
    with common.output(arguments.out) as stream:
        stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out)} | ({} if count is None else {"cases": count}))
    else:
        say("papers.written", file=str(arguments.out))
