"""The journal of access as a spreadsheet or CSV, for the chief; that it left is noted in the journal itself."""

from __future__ import annotations

from typing import BinaryIO, Literal

from tui_app.bootstrap import Workspace
from tui_app.clock import from_wire, show_date, to_wire, today
from tui_app.codes import code_word
from tui_app.i18n import catalogue, language, t
from tui_app.papers import words
from tui_app.papers.sheets import Column, write_table
from tui_app.services.access import access, gate
from tui_app.services.access.access import Entry, Wanted
from tui_app.services.station.units import held

FileFormat = Literal["xlsx", "csv"]
ALL = 10_000_000  # lines


def write_journal(workspace: Workspace, wanted: Wanted, file_format: FileFormat, out: BinaryIO) -> int:
    """Write the lines that are wanted, newest first. Returns how many. Raises NotOpened unless a chief."""
    with workspace.store.write() as c:
        gate.check_chief(c)
        found = access.entries(c, wanted, limit=ALL)
        units = held(c)
        first = next(iter(units), None)
        head = words.letterhead(first.body if first else {})
        at = to_wire(workspace.clock())
        access.log_export(c, workspace.user, at, units, access.TYPE, file_format)
    write_table(
        out,
        file_format,
        title=t("requests.journal_title"),
        heading=head,
        columns=[
            Column(t("requests.col_at"), "moment", 16),
            Column(t("requests.col_who"), width=16),
            Column(t("requests.col_what"), width=20),
            Column(t("requests.col_detail"), width=22),
            Column(t("requests.col_type"), width=16),
            Column(t("requests.col_name"), width=26),
            Column(t("requests.col_record"), width=38),
        ],
        rows=(_row(entry) for entry in found),
        notes=[t("requests.journal_note", count=len(found), day=show_date(today(workspace.clock)))],
    )
    return len(found)


def _row(entry: Entry) -> tuple[object, ...]:
    kind = catalogue(language(), "types").get(entry.record_type, entry.record_type)
    detail = code_word("detail", entry.detail) if entry.detail else None
    what = code_word("what", entry.what)
    return (
        from_wire(entry.at),
        entry.who,
        what,
        detail,
        kind or None,
        entry.name or None,
        entry.record or None,
    )
