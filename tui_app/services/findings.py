"""Findings as records keep them, read back for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.rules.findings import Finding


def open_findings(kept: Iterable[Mapping[str, Any]] | None) -> list[Finding]:
    """Findings as a record keeps them, without those that rest on a restricted condition."""
    findings = (Finding.of(one) for one in kept or ())
    return [one for one in findings if not _restricted(one.value)]


def _restricted(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_restricted, value.values()))
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(_restricted, value))
    return value in RESTRICTED_CONDITIONS
