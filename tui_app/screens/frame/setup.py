"""The first start: alone or with a server, the first user, and the recovery code that is shown once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from tui_app.i18n import t
from tui_app.screens.frame.base import FramedScreen
from tui_app.screens.frame.page import Page
from tui_app.text import clean
from tui_app.widgets.frame import Words
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace


class SetupScreen(FramedScreen[None]):
    """Two ways to begin."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "setup.key_choose", id="setup.choose", tooltip="setup.key_choose_tip"),
        Binding("1", "begin('local')", show=False, id="setup.local", tooltip="setup.key_local_tip"),
        Binding("2", "begin('server')", show=False, id="setup.server", tooltip="setup.key_server_tip"),
        Binding(
            "ctrl+p", "app.palette", "app.key_palette", id="setup.palette", tooltip="app.key_palette_tip"
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The question and its two answers."""
        yield from self.frame_top("setup.title")
        with Vertical(classes="page"):
            yield Words("app.motto", classes="motto")
            yield Words("setup.about", classes="about")
            yield RowList(self._columns(), ListSource(self._ways()), states=False, id="ways")
        yield from self.frame_bottom()

    def _columns(self) -> list[Column]:
        return [
            Column("way", t("setup.how"), width=32),
            Column("why", "", width=20, flex=1),
        ]

    def _ways(self) -> list[Row]:
        return [
            Row(way, (t(f"setup.choice_{way}"), t(f"setup.choice_{way}_why"))) for way in ("local", "server")
        ]

    def language_changed(self) -> None:
        """The list holds finished words: make them anew."""
        super().language_changed()
        ways = self.query_one("#ways", RowList)
        ways.set_columns(self._columns())
        ways.show(ListSource(self._ways()))

    @on(RowList.Selected, "#ways")
    async def _chosen(self, message: RowList.Selected) -> None:
        await self.action_begin(message.row.key)

    async def action_choose(self) -> None:
        """The way under the cursor."""
        row = self.query_one("#ways", RowList).cursor_row
        if row is not None:
            await self.action_begin(row.key)

    async def action_begin(self, way: str) -> None:
        """Go on with one way."""
        await self.app.push_screen(LocalPage(self._kept) if way == "local" else ServerPage(self._kept))


class BeginPage(Page[None]):
    """What both ways share: the user, the password twice, and what comes after."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "setup.key_make", id="setup.make", tooltip="setup.key_make_tip"),
    ]

    def user_fields(self) -> Iterable[tuple[str, Widget]]:
        """User, password, password."""
        yield "setup.user", TextField(placeholder=t("setup.user_example"), max_length=64, id="user")
        yield "setup.password", TextField(masked=True, max_length=1024, id="password")
        yield "setup.again", TextField(masked=True, max_length=1024, id="again")

    def missing(self, *required: str) -> bool:
        """Whether something is not typed yet or typed differently; says so and goes to the field."""
        for field in (*required, "user"):
            if not clean(self.value(field)):
                self.tell(f"setup.{field}_missing")
                self.query_one(f"#{field}").focus()
                return True
        if self.value("password") != self.value("again"):
            self.tell("setup.differs")
            return True
        return False

    async def made(self, answer: tuple[Workspace, str]) -> None:
        """Show the recovery code before anything else."""
        await self.app.push_screen(RecoveryCodeScreen(*answer))


class LocalPage(BeginPage):
    """A workspace on this laptop alone."""

    heading = "setup.local_title"
    about = "setup.local_about"

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """The commune and the first user."""
        example = t("setup.commune_example")
        yield "setup.commune", TextField(placeholder=example, max_length=100, id="commune")
        yield from self.user_fields()

    def submit(self) -> None:
        """Make it in a thread."""
        if self.missing("commune"):
            return
        commune, user = clean(self.value("commune")), clean(self.value("user"))
        password, places, clock = self.value("password"), self.app.places, self.app.clock

        def make() -> tuple[Workspace, str]:
            from tui_app.services.station.setup import init_local

            return init_local(places, commune=commune, user=user, password=password, clock=clock)

        self.start(make, self.made, busy="setup.making")


class ServerPage(BeginPage):
    """A workspace that is enrolled at a server from its first minute."""

    heading = "setup.server_title"
    about = "setup.server_about"

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """The server, its code, and the first user."""
        yield from server_fields()
        yield from self.user_fields()

    def submit(self) -> None:
        """Meet the server in a thread."""
        if self.missing("server", "code"):
            return
        server, code = self.value("server").strip(), self.value("code").strip()
        user, password = clean(self.value("user")), self.value("password")
        places, clock = self.app.places, self.app.clock

        def make() -> tuple[Workspace, str]:
            from tui_app.services.station.setup import init_server

            return init_server(places, server=server, code=code, user=user, password=password, clock=clock)

        self.start(make, self.made, busy="setup.meeting", hold=False)


class JoinPage(Page[int]):
    """A workspace that worked alone finds its server. Answers with the number of changes to send."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "setup.key_join", id="join.join", tooltip="setup.key_join_tip"),
    ]
    heading = "setup.join_title"
    about = "setup.join_about"

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """Address and code."""
        return server_fields()

    def submit(self) -> None:
        """Meet the server in a thread."""
        server, code = self.value("server").strip(), self.value("code").strip()
        for name, typed in (("server", server), ("code", code)):
            if not typed:
                self.tell(f"setup.{name}_missing")
                return
        workspace = self.app.open_workspace

        def job() -> int:
            from tui_app.services.station.setup import join

            return join(workspace, server=server, code=code)

        self.start(job, self._joined, busy="setup.meeting", hold=False)

    def _joined(self, count: int) -> None:
        self.dismiss(count)
        self.app.say(t("setup.joined", count=count))
        self.app.refresh_status()


def server_fields() -> Iterable[tuple[str, Widget]]:
    """Where the server is, and the code it gave."""
    example = t("setup.server_example")
    yield "setup.server", TextField(placeholder=example, composing=False, max_length=200, id="server")
    yield "setup.code", TextField(composing=False, max_length=100, id="code")


class RecoveryCode(Widget):
    """The code in two lines of four groups, large enough to copy by hand."""

    DEFAULT_CSS = "RecoveryCode { height: 3; width: 100%; margin: 0 0 1 4; text-style: bold; }"

    def __init__(self, code: str) -> None:
        super().__init__()
        self.groups = code.split("-")

    def render(self) -> Content:
        """Two lines with a line between them."""
        half = (len(self.groups) + 1) // 2
        return Content("\n\n".join("   ".join(part) for part in (self.groups[:half], self.groups[half:])))


class RecoveryCodeScreen(Page[None]):
    """Shows the code once; goes on when its last group was typed from the paper."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "setup.key_written", id="recovery.go", tooltip="setup.key_written_tip"),
    ]
    heading = "setup.recovery_title"
    about = "setup.recovery_about"

    def __init__(self, workspace: Workspace, code: str) -> None:
        super().__init__()
        self._workspace = workspace
        self.code = code

    def above_fields(self) -> ComposeResult:
        """The code."""
        yield RecoveryCode(self.code)

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """Room for the last group."""
        yield "setup.recovery_last", TextField(composing=False, max_length=8, id="last")

    def action_back(self) -> None:
        """The workspace is made: there is no way back, only the paper."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is not offered."""
        return False if action == "back" else super().check_action(action, parameters)

    def submit(self) -> None:
        """Begin when the group is right."""
        if self.value("last").strip().upper() != self.code.split("-")[-1]:
            self.tell("setup.recovery_wrong")
            return
        self.app.run_worker(self.app.enter(self._workspace), group="page")
