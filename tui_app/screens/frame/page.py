"""A page with a few labelled fields, one place for messages, and one job that runs in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tui_app.errors import GonhaError
from tui_app.i18n import t
from tui_app.screens.frame.base import FramedScreen
from tui_app.widgets.frame import Words
from tui_app.widgets.notice import Notice
from tui_app.widgets.text_field import TextField

T = TypeVar("T")


class Page(FramedScreen[T]):
    """Subclasses say `heading`, `about` and `fields`, and do their work in `submit`.

    Enter in a field goes to the next one, in the last one it submits.
    """

    AUTO_FOCUS = "TextField"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "app.key_back", id="page.back", tooltip="app.key_back_tip"),
        Binding("up", "app.focus_previous", show=False, id="page.up", tooltip="app.key_previous_tip"),
        Binding("down", "app.focus_next", show=False, id="page.down", tooltip="app.key_next_tip"),
    ]

    heading: ClassVar[str] = "app.name"
    about: ClassVar[str] = ""
    """Catalogue keys."""

    def __init__(self, kept: dict[str, str] | None = None) -> None:
        super().__init__()
        self._kept = {} if kept is None else kept
        self.busy = False

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """Label key and field, from top to bottom."""
        return ()

    def submit(self) -> None:
        """Everything is typed: do it."""

    def compose(self) -> ComposeResult:
        """Title, explanation, the fields, the message."""
        yield from self.frame_top(self.heading)
        with Vertical(classes="page"):
            if self.about:
                yield Words(self.about, classes="about")
            yield from self.above_fields()
            for label, field in self.fields():
                if isinstance(field, TextField) and not field.masked and field.id in self._kept:
                    field.value = self._kept[field.id]
                with Horizontal(classes="line"):
                    yield Words(label, classes="label")
                    yield field
            yield Notice(id="notice")
        yield from self.frame_bottom()

    def above_fields(self) -> ComposeResult:
        """More to show between the explanation and the fields."""
        return iter(())

    def value(self, field_id: str) -> str:
        """What is typed in a field."""
        return self.query_one(f"#{field_id}", TextField).value

    @on(TextField.Changed)
    def _keep(self, message: TextField.Changed) -> None:
        """Remember what is typed (never a password), so that going back and coming again loses nothing."""
        if not message.field.masked and message.field.id:
            self._kept[message.field.id] = message.value

    @on(TextField.Submitted)
    def _entered(self, message: TextField.Submitted) -> None:
        fields = list(self.query(TextField))
        if message.field is fields[-1]:
            self.submit()
        else:
            self.focus_next()

    def action_submit(self) -> None:
        """The key of the page does what Enter in the last field does."""
        self.submit()

    def action_back(self) -> None:
        """Leave the page, unless its job is running."""
        if not self.busy:
            self.dismiss(None)

    # ---- messages and the job

    @property
    def notice(self) -> Notice:
        """The place for messages."""
        return self.query_one("#notice", Notice)

    def tell(self, key: str, *, error: bool = True, **params: Any) -> None:
        """Show a catalogue entry on the page."""
        self.notice.tell(lambda: t(key, **params), error=error)

    def refused(self, error: GonhaError) -> None:
        """The job was refused: say it on the page, where the fields are."""
        self.notice.tell(lambda: str(error), error=True)

    def start(
        self, job: Callable[[], Any], then: Callable[[Any], Any], *, busy: str, hold: bool = True
    ) -> None:
        """Run ``job`` in a thread and ``then`` (which may be a coroutine function) with its answer.

        ``busy``: key of what to show meanwhile; ``hold``: keep typed keys for what ``then`` opens.
        """
        if self.busy:
            return
        self.busy = True
        self.tell(busy, error=False)
        holding = self.app.hold_keys() if hold else None
        if holding is not None:
            holding.__enter__()

        async def work() -> None:
            try:
                answer = await asyncio.to_thread(job)
                self.busy = False
                self.notice.tell(str)
                done = then(answer)
                if asyncio.iscoroutine(done):
                    await done
            except GonhaError as error:
                self.refused(error)
            finally:
                self.busy = False
                if holding is not None:
                    holding.__exit__(None, None, None)

        self.app.run_worker(work(), group="page")
