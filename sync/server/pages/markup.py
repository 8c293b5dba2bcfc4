"""Elements of HTML and SVG from plain values. Everything that is not markup already is escaped, so that what a laptop
sent cannot become part of a page."""

from __future__ import annotations

import html
from collections.abc import Iterable

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
# Control characters, and the marks that turn the text around them: neither is seen, both change what is.
_UNSEEN = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
Child = object
"""Text, a number, markup, an iterable of such, or None for nothing."""


class Html(str):
    """Text that is markup already and goes out as it is."""

    __slots__ = ()


def el(tag: str, *children: Child, **attributes: str | int | float | bool | None) -> Html:
    """An element. ``attributes``: ``class_`` and ``for_`` lose their underscore, other underscores are dashes; True
    stands alone, False and None are left out. Raises ValueError for children of an element that has none."""
    given = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        if children:
            raise ValueError(tag)
        return Html(f"<{tag}{given}>")
    return Html(f"<{tag}{given}>{joined(children)}</{tag}>")


def joined(children: Iterable[Child]) -> Html:
    """Children one after the other."""
    return Html("".join(map(_escaped, children)))


def _escaped(child: Child) -> str:
    if isinstance(child, Html):
        return child
    if child is None:
        return ""
    if isinstance(child, (str, int, float)):
        return _text(child)
    if isinstance(child, Iterable):
        return joined(child)
    raise TypeError(type(child).__name__)


def _attribute(name: str, value: str | int | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{_text(value)}"'


def _text(value: str | float) -> str:
    text = str(value)
    return html.escape(text if text.isprintable() else text.translate(_UNSEEN), quote=True)
