"""A laptop whose battery dies in the middle of a save: run with a user, a password file and what to write.

``python -m tests.e2e.dying_laptop USER PASSWORD_FILE NAME``: visits the first household with ``NAME`` in its notes,
leaves a draft with it, then is killed inside a save that has spilled to the write-ahead log.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from tui_app.bootstrap import open_workspace
from tui_app.records.visits import Wellbeing
from tui_app.services.visits import visits
from tui_app.settings import Places, home
from tui_app.store.rows import table

DAY = date(2026, 11, 22)


def main(user: str, secret: Path, name: str) -> None:
    """Work, and die."""
    workspace = open_workspace(Places(home()), user, secret.read_text(encoding="utf-8").splitlines()[0])
    store = workspace.store
    with store.read() as c:
        doors = [row.id for row in table("household").where(c, "1 ORDER BY id")]
        sheet, other = (visits.visit_sheet(c, door, DAY) for door in doors[:2])
    lines = tuple(replace(line, wellbeing=Wellbeing.WELL, note=name) for line in sheet.lines)
    visits.record_visit(store, user, replace(sheet, lines=lines, note=name))
    visits.keep_draft(store, user, replace(other, note=name))
    with store.work(user) as work:
        work.connection.execute(
            "PRAGMA cache_size = 5"
        )  # pages, so that the save reaches the log before its end
        place = work.get("household", doors[0])
        for _ in range(400):
            work.create("person", {"full_name": name, "household": place.id, "note": name * 20}, place=place)
        work.flush()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
