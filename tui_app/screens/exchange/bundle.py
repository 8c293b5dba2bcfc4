"""USB out and USB in: one path to type, and what became of it shown under it until Esc."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui_app.screens.frame.page import Page
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace

PATH_LENGTH = 500


class _BundlePage(Page[None]):
    """Subclasses say what is done with the path, in a thread."""

    busy_key: ClassVar[str] = ""
    label: ClassVar[str] = ""

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """The path, as it is typed: no marks are put on its letters."""
        yield (
            self.label,
            TextField(composing=False, max_length=PATH_LENGTH, id=self.heading.partition(".")[2]),
        )

    def submit(self) -> None:
        """Do it and say what became of it."""
        typed = self.query_one(TextField).value.strip()
        if not typed:
            self.tell("bundle.path_missing")
            return
        workspace, path = self.app.open_workspace, Path(typed).expanduser()
        self.start(lambda: self.work(workspace, path), self._done, busy=self.busy_key, hold=False)

    @abstractmethod
    def work(self, workspace: Workspace, path: Path) -> Callable[[], list[str]]:
        """The job; what to show, as lines in the language of the moment."""

    def _done(self, lines: Callable[[], list[str]]) -> None:
        self.notice.tell(lambda: "\n".join(lines()))
        self.app.refresh_status()
        self.app.tell_screens("records_changed")


class BundleOutPage(_BundlePage):
    """What waits goes into a file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "bundle.key_write", id="bundle_out.write", tooltip="bundle.key_write_tip"),
    ]
    heading = "bundle.title_out"
    about = "bundle.about_out"
    label = "bundle.path"
    busy_key = "bundle.writing"

    def work(self, workspace: Workspace, path: Path) -> Callable[[], list[str]]:
        """Write the file."""
        from tui_app.services.exchange import bundles

        written = bundles.write_out(workspace, path)
        return lambda: bundles.written_words(written)


class BundleInPage(_BundlePage):
    """The server's answer comes in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "bundle.key_take", id="bundle_in.take", tooltip="bundle.key_take_tip"),
    ]
    heading = "bundle.title_in"
    about = "bundle.about_in"
    label = "bundle.file"
    busy_key = "bundle.reading"

    def work(self, workspace: Workspace, path: Path) -> Callable[[], list[str]]:
        """Take the file in."""
        from tui_app.services.exchange import bundles

        brought = bundles.take_in(workspace, path)
        return lambda: bundles.brought_words(brought)
