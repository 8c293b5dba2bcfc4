"""Everything that is kept about a person who asked to see it, as PDF or JSON; that it was made is noted."""

from __future__ import annotations

import msgspec

from tui_app.bootstrap import Workspace
from tui_app.clock import to_wire, today
from tui_app.i18n import t
from tui_app.papers.letterhead import station_head
from tui_app.papers.pdf import Paper
from tui_app.papers.privacy_rules import begun
from tui_app.papers.words import note_paper, remark
from tui_app.services.people.values import type_word
from tui_app.services.requests.person_data import PersonData, line_words, person_data

FORMATS = ("pdf", "json")
_SIZE = 10.5  # points


def write_person_data(workspace: Workspace, request: str, file_format: str) -> bytes:
    """The data of the person of a request for access. Raises as `person_data`."""
    with workspace.store.write() as c:
        found = person_data(c, request)
        at = to_wire(workspace.clock())
        note_paper(c, workspace.user, at, "person-data", "person", found.person)
        head = station_head(c, today(workspace.clock))
    if file_format == "json":
        return msgspec.json.encode({"person": found.person, "records": found.records}) + b"\n"
    foot = remark(workspace.clock(), found.person, found.full_name)
    paper = begun(workspace, t("privacy_papers.data"), found.full_name, head, remark=foot)
    _records(paper, found)
    paper.note(t("privacy_papers.data_note"), paper.width, size=9)
    paper.signatures((t("privacy_papers.received_by"), t("reports.sign_chief")))
    return paper.write()


def _records(paper: Paper, found: PersonData) -> None:
    for kind, bodies in found.records.items():
        paper.section(f"{type_word(kind).capitalize()} ({len(bodies)})", below=10)
        for body in bodies:
            paper.line(f"• {line_words(kind, body)}", size=_SIZE, after=0.4)
