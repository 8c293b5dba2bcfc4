"""What was decided about records that looked like one, for whoever wants to see it or take it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from tui_app.records.identity import MergeVerdict
from tui_app.services.access import gate
from tui_app.services.duplicates.comparing import standing_decisions
from tui_app.store import merged
from tui_app.store.rows import table
from tui_app.text import fold


@dataclass(frozen=True, slots=True)
class Decision:
    """A standing decision. ``at``: wire moment; ``kept_name``, ``merged_name``: of the persons, or addresses."""

    id: str
    subject: str
    verdict: str
    kept: str
    merged: str
    kept_name: str
    merged_name: str
    who: str
    at: str
    reason: str

    def matches(self, words: list[str]) -> bool:
        """Whether every folded word is in a name, the reason or who decided."""
        text = fold(f"{self.kept_name} {self.merged_name} {self.reason} {self.who}")
        return all(word in text for word in words)


def decided(c: Any, subject: str) -> list[Decision]:
    """The standing decisions of open units, the newest first. Raises NotOpened."""
    gate.check_role(c)
    return _told(c, subject, (one.id for one in standing_decisions(c, subject)))


def merged_into(c: Any, subject: str, shown: str) -> list[Decision]:
    """The merges that stand behind a record that is shown, the newest first. The caller has asked the gate."""
    group = {shown, *merged.members(c, shown)}
    return _told(
        c,
        subject,
        (
            one.id
            for one in standing_decisions(c, subject)
            if len(group) > 1 and one.verdict == MergeVerdict.SAME and one.pair <= group
        ),
    )


def _told(c: Any, subject: str, ids: Iterable[str]) -> list[Decision]:
    shut = gate.closed(c)
    rows = [row for row in table(merged.DECISION).read(c, ids).values() if row.area not in shut]
    names = _names(c, subject, {str(row.body[field]) for row in rows for field in ("kept", "merged")})
    found = [
        Decision(
            id=row.id,
            subject=subject,
            verdict=str(row.body["verdict"]),
            kept=str(row.body["kept"]),
            merged=str(row.body["merged"]),
            kept_name=names.get(str(row.body["kept"]), ""),
            merged_name=names.get(str(row.body["merged"]), ""),
            who=row.who,
            at=str(row.body["at"]),
            reason=str(row.body.get("reason") or ""),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)


def _names(c: Any, subject: str, ids: Iterable[str]) -> dict[str, str]:
    name = "full_name" if subject == "person" else "coalesce(address, code)"
    found = c.execute(
        f'SELECT id, {name} FROM "{subject}" WHERE id IN (SELECT value FROM json_each(?))',
        (msgspec.json.encode(list(ids)).decode(),),
    )
    return {ident: words or "" for ident, words in found}
