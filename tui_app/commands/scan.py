"""scan, labels: what a card's line says and whom it means; labels for doors and cards for persons."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from tui_app.clock import show_date
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say, tell
from tui_app.errors import UserError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    scan = commands.add_parser("scan", help=t("identity.help_scan"))
    scan.add_argument("text", metavar="TEXT", help=t("identity.help_text"))
    scan.set_defaults(run=run_scan)
    labels = commands.add_parser("labels", help=t("identity.help_labels"))
    labels.add_argument("--out", type=Path, metavar="FILE.pdf", required=True)
    labels.add_argument("--persons", action="store_true", help=t("identity.help_persons"))
    labels.add_argument("--unit", metavar="UNIT", help=t("identity.help_unit"))
    labels.set_defaults(run=run_labels)
    for parser in (scan, labels):
        common.add_json(parser)
        common.add_login(parser)


def run_scan(arguments: Arguments) -> int:
    """Say what the line is and who has its number here. A card's numbers stand in the answer of ``--json`` only."""
    from tui_app.records.scans import ScanKind
    from tui_app.services.access import access
    from tui_app.services.people import identity

    line = sys.stdin.readline() if arguments.text == "-" else arguments.text
    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            found = identity.recognise(c, line)
        for match in found.matches:
            if match.by:
                access.note_identity_search(workspace.store, workspace.user, match.by, match.person)
    if arguments.json:
        put_json(_as_json(found))
    else:
        _print(found)
    return 1 if found.scan.kind in (ScanKind.GARBLED, ScanKind.UNKNOWN) else 0


def run_labels(arguments: Arguments) -> int:
    """The sheet of labels as PDF."""
    from tui_app.papers.labels import write_labels

    if arguments.out.suffix.lower() != ".pdf":
        raise UserError("papers.bad_format", file=str(arguments.out), formats="pdf")
    with common.unlocked(arguments) as workspace:
        count, body = write_labels(workspace, persons=arguments.persons, unit=arguments.unit)
        with common.output(arguments.out) as stream:
            stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out), "labels": count})
    else:
        say("identity.labels_written", count=count, file=str(arguments.out))
    return 0


def _as_json(found: Any) -> dict[str, Any]:
    scan = found.scan
    return {
        "kind": scan.kind,
        "fields": scan.fields,
        "issued_on": scan.issued_on.isoformat() if scan.issued_on else None,
        "garbled": list(scan.garbled),
        "doubts": [{"field": one.field, "what": str(one)} for one in scan.doubts],
        "record": None if found.record is None else {"type": found.record[0], "id": found.record[1]},
        "persons": [
            {
                "id": match.person,
                "full_name": match.full_name,
                "by": match.by or None,
                "gone": match.gone,
                "differs": [
                    {"field": d.field, "card": d.on_card, "record": d.in_record} for d in match.differs
                ],
            }
            for match in found.matches
        ],
    }


def _print(found: Any) -> None:
    scan = found.scan
    born = scan.fields.get("birth_date") or scan.fields.get("birth_year") or ""
    told = [scan.fields.get("full_name", ""), show_date(born) if len(born) == 10 else born]
    words = " · ".join(part for part in told if part) or "–"
    put(t("identity.says", kind=t(f"identity.kind_{scan.kind}"), words=words))
    for one in scan.garbled:
        tell(t(f"identity.garbled_{one}"))
    for doubt in scan.doubts:
        tell(str(doubt))
    if found.record is not None:
        put(t("identity.found", who=t(f"types.{found.record[0]}"), id=found.record[1]))
    for match in found.matches:
        put(t("identity.found", who=match.full_name, id=match.person))
    if found.record is None and not found.matches:
        tell(t("identity.nobody_found"))
