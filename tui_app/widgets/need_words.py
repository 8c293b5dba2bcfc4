"""Open support needs in one line."""

from __future__ import annotations

from collections.abc import Iterable

from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.services.risk.support_needs import Need


def need_words(needs: Iterable[Need], *, names: bool = False) -> str:
    """Kind and state of each, with its words. ``names``: also whose it is, where it is a person's."""
    said = []
    for need in needs:
        words = t(
            "support.card_line",
            kind=code_word("kind", need.kind),
            status=code_word("status", need.status).lower(),
        )
        if names and need.full_name:
            words = f"{need.full_name} · {words}"
        said.append(f"{words}: {need.note}" if need.note else words)
    return "; ".join(said)
