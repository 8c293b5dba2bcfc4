"""Styled text in a line that may be too short for it."""

from __future__ import annotations

from textual.content import Content

from tui_app.widgets.symbols import ellipsis


def fitted(content: Content, width: int) -> Content:
    """``content`` in at most ``width`` cells. What had no room is told by the symbols in use: raster fonts have no …"""
    if content.cell_length <= width:
        return content
    return content.truncate(max(0, width - 1)).rstrip() + ellipsis()
