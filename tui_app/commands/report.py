"""report KIND, report due: what the station reports, filed for good, printed, as it was known, and by when."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_moment, today
from tui_app.commands import common, coverage
from tui_app.commands.care_arguments import day_of, moment_of
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import NotFound, UserError
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.reports.filed import Filed
    from tui_app.services.reports.filing import Report
    from tui_app.services.reports.kinds import Kind

KINDS = ("daily", "weekly", "periodic")
"""The kinds that are asked for alike; those with commands of their own are not among them."""
_DAYS = 14


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    kinds = commands.add_parser("report", help=t("reports.help")).add_subparsers(
        metavar="KIND", required=True
    )
    for kind in KINDS:
        parser = kinds.add_parser(kind, help=t(f"reports.help_{kind.replace('-', '_')}"))
        add_options(parser)
        parser.set_defaults(run=run, kind=kind)
    coverage.add_report(kinds)
    due = kinds.add_parser("due", help=t("reports.help_due"))
    due.add_argument("--days", type=int, metavar="N", default=_DAYS, help=t("reports.help_days", days=_DAYS))
    common.add_json(due)
    common.add_login(due)
    due.set_defaults(run=_due)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of which period, as known when, filed or only seen, on the screen or into a file."""
    parser.add_argument("--date", metavar="D", help=t("reports.help_date"))
    parser.add_argument("--as-of", metavar="MOMENT", help=t("reports.help_as_of"))
    parser.add_argument("--subject", metavar="ID", default="", help=t("reports.help_subject"))
    parser.add_argument("--file", action="store_true", help=t("reports.help_file"))
    parser.add_argument("--reason", metavar="TEXT", default="", help=t("reports.help_reason"))
    parser.add_argument("--say", metavar="NAME=TEXT", action="append", default=[], help=t("reports.help_say"))
    parser.add_argument("--set", metavar="NAME=N", action="append", default=[], help=t("reports.help_set"))
    parser.add_argument("--source", metavar="TEXT", default="", help=t("reports.help_source"))
    parser.add_argument("--version", type=int, metavar="N", help=t("reports.help_version"))
    parser.add_argument("--versions", action="store_true", help=t("reports.help_versions"))
    parser.add_argument("--ids", action="store_true", help=t("reports.help_ids"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=t("reports.help_out"))
    common.add_json(parser)
    common.add_login(parser)


def run(arguments: Arguments) -> int:
    """Type in, file, then show the report or write it."""
    from tui_app.services.reports.catalogue import kind_named
    from tui_app.services.reports.filing import file_report, report

    kind = kind_named(arguments.kind)
    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        as_of = moment_of(arguments.as_of)
        subject = _subject(workspace, kind, arguments.subject, day)
        if arguments.set:
            _type_in(workspace, kind, day, arguments.set, arguments.source)
        if arguments.file:
            said = dict(_pairs(arguments.say))
            more: dict[str, Any] = {"subject": subject, "reason": arguments.reason, "narrative": said}
            file_report(workspace.store, workspace.user, kind, day, **more)
        with workspace.store.read() as c:
            found = report(c, kind, day, workspace.clock(), as_of=as_of, subject=subject)
        this = _version(found, arguments.version)
        if arguments.out is not None:
            return _write(arguments, workspace, found, this or (None if as_of else found.filed))
    if arguments.file:
        _tell_filed(found)
    if arguments.json:
        put_json(_json(found, this, arguments.ids))
    elif arguments.versions:
        _print_versions(found)
    elif not arguments.file:
        _print(found, this)
    return 0


def _subject(workspace: Workspace, kind: Kind, typed: str, day: Any) -> str:
    """What the report is about: the only one there is when nothing was typed; its id, the end of it, or its name."""
    if not kind.subject_needed:
        return ""
    from tui_app.services.reports.filing import period_of

    with workspace.store.read() as c:
        known = kind.subjects(c, period_of(c, kind, day))
    found = [ident for ident, name in known if not typed or ident.endswith(typed) or name == typed]
    if not known:
        raise NotFound("reports.no_subject")
    if len(found) != 1:
        raise NotFound("reports.which_subject", subjects=", ".join(name for _, name in known))
    return found[0]


def _pairs(given: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise UserError("reports.bad_pair", given=one)
        pairs.append((name, value))
    return pairs


def _type_in(workspace: Workspace, kind: Kind, day: Any, given: Sequence[str], source: str) -> None:
    """Keep numbers for figures that the records cannot tell."""
    from tui_app.services.reports.typing_in import type_in

    said = _pairs(given)
    type_in(workspace.store, workspace.user, kind, day, dict(said), source)
    say("reports.typed", count=len(said))


def _version(found: Report, number: int | None) -> Filed | None:
    if number is None:
        return None
    this = next((one for one in found.versions if one.version == number), None)
    if this is None:
        raise NotFound("reports.no_such_version", version=number)
    return this


def _tell_filed(found: Report) -> None:
    from tui_app.services.reports.words import gap_words, kind_word, period_words

    filed = found.filed
    if filed is None:
        return
    say(
        "reports.filed",
        kind=kind_word(found.kind.name),
        period=period_words(found.period),
        version=filed.version,
        at=show_moment(filed.known_at),
    )
    for gap in found.gaps:
        common.tell(gap_words(found.kind, gap))


def _json(found: Report, this: Filed | None, ids: bool) -> dict[str, Any]:
    from tui_app.services.reports.filed import changes
    from tui_app.services.reports.words import difference_json, figure_json, filed_json, report_json

    answer = report_json(found, ids=ids)
    if this is not None:
        answer |= {
            "version": filed_json(this),
            "figures": [figure_json(one, ids) for one in this.figures],
            "changed": [difference_json(one) for one in changes(found.versions, this)],
            "rules": list(this.rules),
            "conventions": this.conventions,
            "narrative": this.narrative,
        }
    return answer


def _print(found: Report, this: Filed | None) -> None:
    """The report in lines, with what does not add up, what changed since it was filed, and how it was counted."""
    from tui_app.services.reports.shown import shown
    from tui_app.services.reports.words import changes_words, due_words, value_words

    made = shown(found, this)
    for line in made.head:
        put(line)
    section = ""
    for figure in made.figures:
        if (here := found.kind.section(figure)) != section:
            section = here
            put(section)
        put(f"  {found.kind.word(figure)}: {value_words(figure.value)}")
    for line in (*made.gaps, *made.remarks):
        put(line)
    put(due_words(found))
    if this is None and found.filed is not None and found.since:
        changed = changes_words(found.kind, found.since)
        put(t("reports.since_filed", version=found.filed.version, changes=changed))


def _print_versions(found: Report) -> None:
    from tui_app.services.reports.filed import changes
    from tui_app.services.reports.words import changes_words, version_words

    for one in found.versions:
        put(version_words(one))
        if changed := changes(found.versions, one):
            put("  " + changes_words(found.kind, changed))
    if not found.versions:
        say("reports.not_filed")


def _write(arguments: Arguments, workspace: Workspace, found: Report, this: Filed | None) -> int:
    from tui_app.papers.report_paper import FORMATS, write_report

    ending: Any = arguments.out.suffix[1:].lower()
    if ending not in FORMATS:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(FORMATS))
    body = write_report(workspace, found, this, ending)
    with common.output(arguments.out) as stream:
        stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out), "version": this.version if this else None})
    else:
        say("reports.written", file=str(arguments.out))
    return 0


def _due(arguments: Arguments) -> int:
    """Deadlines with both times; 4 when a report is missing."""
    from tui_app.services.reports.deadlines import Timing, deadlines
    from tui_app.services.reports.due_words import deadline_json, deadline_line, missing_line

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = deadlines(c, workspace.clock(), arguments.days)
    for one in found:
        if arguments.json:
            put_json(deadline_json(one))
        else:
            put(deadline_line(one))
            if one.units_missing:
                put("  " + missing_line(one))
    missing = any(one.timing is Timing.MISSING for one in found)
    if not missing and not arguments.json:
        say("reports.all_in")
    return 4 if missing else 0
