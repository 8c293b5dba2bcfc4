"""Findings as records keep them, read back for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.rules.findings import Finding
from tui_app.services.care.patient import SOME_CONDITION


def open_findings(kept: Iterable[Mapping[str, Any]] | None) -> list[Finding]:
    """Findings as a record keeps them, without those that rest on a restricted condition only; of one that rests on
    others as well it is left out, and so is the code that stands for it."""
    found = []
    for one in map(Finding.of, kept or ()):
        value = _without(one.value)
        if value is not _NOTHING:
            found.append(replace(one, value=value))
    return found


_NOTHING = object()
_HIDDEN = RESTRICTED_CONDITIONS | {SOME_CONDITION}


def _without(value: Any) -> Any:
    """The input of a finding without hidden conditions; `_NOTHING` when nothing of a list is left."""
    if isinstance(value, Mapping):
        parts = {name: _without(one) for name, one in value.items()}
        return _NOTHING if _NOTHING in parts.values() else parts
    if isinstance(value, list):
        left = [one for one in value if one not in _HIDDEN]
        return _NOTHING if value and not left else left
    return _NOTHING if isinstance(value, str) and value in _HIDDEN else value
