"""Signs that are no state (see `tui_app.widgets.symbols`): bars, arrows, the mark of a draft; plain ones
for raster fonts.
"""

from __future__ import annotations

from tui_app.widgets.symbols import State, symbol, symbols_in_use

_SIGNS = {
    "draft": ("✎", "~"),
    "dot": ("·", "-"),
    "bar": ("│", "|"),
    "rule": ("─", "-"),
    "left": ("‹", "<"),
    "right": ("›", ">"),
    "pointer": ("▸", ">"),
    "drop": ("↓", "v"),
    "fall": ("↘", "\\"),
    "level": ("→", "-"),
    "rise": ("↗", "/"),
    "late": ("⏰", "@"),
    "due": ("○", "o"),
    "done": ("●", "*"),
    "unmeasured": ("–", "-"),
}
STATES: tuple[State, ...] = ("unsent", "sent", "conflict", "danger", "warning", "steady", "unknown")


def sign(name: str) -> str:
    """The sign for ``name`` in the set in use. Raises KeyError for a name there is no sign for."""
    full, plain = _SIGNS[name]
    return plain if symbols_in_use() == "ascii" else full


def state_signs() -> dict[str, str]:
    """Every state's symbol by its name, and the draft's, for a legend."""
    return {**{state: symbol(state) for state in STATES}, "draft": sign("draft")}
