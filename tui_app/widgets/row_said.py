"""What a row list says to its screen. Screens name these as ``RowList.Selected`` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_app.widgets.rows import Row

if TYPE_CHECKING:
    from tui_app.widgets.row_list import RowList

NAMESPACE = "row_list"  # of the handlers: on_row_list_selected


class _Said(Message):
    """Something a row list says; ``control`` is the list, for ``@on``."""

    def __init__(self, row_list: RowList) -> None:
        super().__init__()
        self.row_list = row_list

    @property
    def control(self) -> RowList:
        return self.row_list


class _AboutRow(_Said):
    def __init__(self, row_list: RowList, row: Row, place: int) -> None:
        super().__init__(row_list)
        self.row = row
        self.place = place


class Highlighted(_AboutRow, namespace=NAMESPACE):
    """The cursor came to stand on a row. Later ones replace earlier ones that wait."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Highlighted) and message.row_list is self.row_list


class Selected(_AboutRow, namespace=NAMESPACE):
    """Enter, or a click on the row under the cursor."""


class Marked(_Said, namespace=NAMESPACE):
    """The marks changed; ``keys`` are all marked rows now."""

    def __init__(self, row_list: RowList, keys: frozenset[str]) -> None:
        super().__init__(row_list)
        self.keys = keys


class Shown(_Said, namespace=NAMESPACE):
    """The rows of a source are in the list, ``count`` of them, and the first ones are read."""

    def __init__(self, row_list: RowList, count: int) -> None:
        super().__init__(row_list)
        self.count = count


class Failed(_Said, namespace=NAMESPACE):
    """A source could not be read. The list says so itself; ``error`` is for whoever keeps the log."""

    def __init__(self, row_list: RowList, error: BaseException | None) -> None:
        super().__init__(row_list)
        self.error = error
