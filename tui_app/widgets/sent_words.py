"""How a record stands with the server, as cards and lists say it: symbol, words, and the receipt if it is known."""

from __future__ import annotations

from tui_app.clock import show_moment
from tui_app.i18n import t
from tui_app.services.exchange.receipts import Receipt
from tui_app.widgets.symbols import State, symbol

_STATES: dict[str, State] = {"sent": "sent", "unsent": "unsent", "stopped": "warning", "never": "steady"}


def sent_line(sent: Receipt) -> str:
    """``✓ đã gửi · biên nhận A1B2C3D4E5F6 · 22/11/2026 09:05``; of old changes only what is known."""
    mark = symbol(_STATES[sent.state])
    if sent.state != "sent" or not sent.at:
        return f"{mark} {t(f'receipts.{sent.state}')}"
    if sent.receipt:
        return f"{mark} {t('receipts.sent_at', receipt=sent.receipt, at=show_moment(sent.at))}"
    return f"{mark} {t('receipts.sent_when', at=show_moment(sent.at))}"


def sent_mark(sent: Receipt | None) -> str:
    """The same in a column: the symbol, and the receipt or the words."""
    if sent is None:
        return ""
    return f"{symbol(_STATES[sent.state])} {sent.receipt or t(f'receipts.{sent.state}')}"
