"""Grades and classes of cases that rest on rules nobody read in their document: papers and cards say so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tui_app.records.cases import CaseEventKind
from tui_app.rules.findings import Finding
from tui_app.services.care.known import FIELD_OF
from tui_app.services.judging.findings import open_findings
from tui_app.store.rows import table


def unverified_grades(c: Any, cases: Iterable[str]) -> dict[str, dict[str, tuple[Finding, ...]]]:
    """case -> field -> the unverified findings that its last grade or class was taken over from; only where there
    are any."""
    last: dict[tuple[str, str], tuple[Finding, ...]] = {}
    asked = msgspec.json.encode(sorted(cases)).decode()
    for row in table("case_event").where(c, _TAKEN_OVER, (asked,)):
        kind = row.body["event"]
        found = open_findings(row.body.get("findings"))
        last[row.body["case"], FIELD_OF[CaseEventKind(kind)]] = tuple(
            one for one in found if one.kind == kind and not one.verified
        )
    unverified: dict[str, dict[str, tuple[Finding, ...]]] = {}
    for (case, field), findings in last.items():
        if findings:
            unverified.setdefault(case, {})[field] = findings
    return unverified


_TAKEN_OVER = (
    "\"case\" IN (SELECT value FROM json_each(?)) AND event IN ('severity', 'risk_class') ORDER BY at, id"
)
