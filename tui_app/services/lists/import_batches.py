"""Imports as they are remembered, and taking one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tui_app.bootstrap import Workspace
from tui_app.errors import BadFile, GonhaError, NotFound
from tui_app.store.work import Work

_BELONGS = (
    ("case_event", "case"),
    ("observation", "case"),
    ("alert", "case"),
    ("dispense", "case"),
    ("referral", "case"),
    ("contact", "case"),
    ("follow_up_visit", "case"),
    ("contact", "person"),
    ("case", "person"),
    ("person_condition", "person"),
    ("risk_membership", "person"),
    ("test_result", "person"),
    ("screening", "person"),
    ("vaccination_dose", "person"),
    ("person_identifier", "person"),
    ("data_request", "person"),
    ("support_need", "person"),
    ("support_need", "household"),
    ("household_visit", "household"),
    ("person", "household"),
)
"""What belongs to whom, members before doors."""


@dataclass(frozen=True)
class UndoReport:
    """What taking an import back did: ``kept`` records were changed or visited since and stay."""

    removed: int
    kept: int


@dataclass(frozen=True)
class Batch:
    """One import as it is remembered."""

    id: str
    at: str
    who: str
    source: str
    counts: dict[str, int]
    undone_at: str | None


def undo_import(workspace: Workspace, batch: str) -> UndoReport:
    """Take back what an import created and nobody has touched since, here or on another laptop.

    What it changed in records that were here before stays, unless it was remembered with what it was. Raises NotFound,
    GonhaError when done before.
    """
    with workspace.store.work(workspace.user) as work:
        c = work.connection
        found = c.execute(
            "SELECT records, at, who, undone_at FROM import_batch WHERE id = ?", (batch,)
        ).fetchone()
        if found is None:
            raise NotFound("batch.no_batch", id=batch)
        if found["undone_at"]:
            raise GonhaError("batch.undone_before", id=batch)
        remembered = msgspec.json.decode(found["records"])
        made = [(one[0], one[1]) for one in remembered if len(one) == 2]
        touched = _touched(c, made, found["at"], found["who"])
        removed = kept = 0
        for kind, ident in made:
            row = work.find(kind, ident)
            if row is None or row.deleted:
                continue
            if ident in touched or any(row.body.get(of) in touched for of in ("person", "household", "case")):
                kept += 1
            else:
                removed += work.delete(kind, ident, "import undone")
        for kind, ident, was in (one for one in remembered if len(one) == 3):
            if _put_back(work, kind, ident, was, found["at"]):
                removed += 1
            else:
                kept += 1
        c.execute("UPDATE import_batch SET undone_at = ? WHERE id = ?", (work.at, batch))
        return UndoReport(removed, kept)


def batches(c: Any) -> list[Batch]:
    """The imports made on this laptop, newest first."""
    found = c.execute("SELECT id, at, who, source, counts, undone_at FROM import_batch ORDER BY at DESC")
    return [Batch(r[0], r[1], r[2], r[3], msgspec.json.decode(r[4]), r[5]) for r in found]


def refuse_twice(c: Any, digest: str) -> None:
    """Raises BadFile when the file with this digest was imported and not taken back."""
    found = c.execute(
        "SELECT id, at FROM import_batch WHERE digest = ? AND undone_at IS NULL", (digest,)
    ).fetchone()
    if found is not None:
        raise BadFile("batch.imported_before", id=found["id"])


def remember(
    work: Work,
    source: str,
    digest: str,
    made: Sequence[tuple[str, str]],
    counts: Mapping[str, int],
    changed: Sequence[tuple[str, str, Mapping[str, Any]]] = (),
) -> str:
    """Note in the caller's transaction what an import made, so that it can be taken back. Returns its id.

    ``changed``: records that were here before, with the values they had.
    """
    batch = work.ids()
    work.connection.execute(
        "INSERT INTO import_batch (id, at, who, source, digest, counts, records) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            batch,
            work.at,
            work.who,
            source,
            digest,
            msgspec.json.encode({**counts, "records": len(made) + len(changed)}).decode(),
            msgspec.json.encode([*made, *changed]).decode(),
        ),
    )
    return batch


def _put_back(work: Work, kind: str, ident: str, was: Mapping[str, Any], at: str) -> bool:
    """Give a record the values it had before the import, unless somebody changed it since."""
    row = work.find(kind, ident)
    if row is None or row.at != at:
        return False
    if was.get("deleted") is False:
        return work.revive(kind, ident)
    return work.change(kind, ident, was)


def _touched(c: Any, made: list[tuple[str, str]], at: str, who: str) -> set[str]:
    """Ids of the batch that somebody worked on after ``who`` imported them ``at``, with the whole of their households.

    Changed here or on another laptop, visited, screened, tested, or given something that the batch did not bring.
    """
    if not made:
        return set()
    ids = msgspec.json.encode([ident for _, ident in made]).decode()
    wanted = "(SELECT value FROM json_each(?1))"
    changed = [
        f'SELECT id FROM "{name}" WHERE id IN {wanted} AND NOT deleted AND (changed_at <> ?2 OR changed_by <> ?3)'
        for name in sorted({kind for kind, _ in made})
    ]
    belongs = [
        f'SELECT "{column}" FROM "{name}" WHERE "{column}" IN {wanted} AND id NOT IN {wanted} AND NOT deleted'
        for name, column in _BELONGS
    ]
    edited = f"SELECT record FROM outbox WHERE record IN {wanted} GROUP BY record HAVING count(*) > 1"
    touched = {
        ident for (ident,) in c.execute(" UNION ".join([*changed, *belongs, edited]), (ids, at, who)) if ident
    }
    for name, column in _BELONGS:  # a touched condition keeps its person, a touched person the door
        found = c.execute(
            f'SELECT "{column}" FROM "{name}" WHERE id IN (SELECT value FROM json_each(?))',
            (msgspec.json.encode(sorted(touched)).decode(),),
        )
        touched |= {ident for (ident,) in found if ident}
    kept = c.execute(
        "SELECT id FROM person WHERE household IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(sorted(touched)).decode(),),
    )
    return touched | {ident for (ident,) in kept}
