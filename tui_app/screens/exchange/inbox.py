"""Changes the server did not take: what was typed, why it was stopped, and a key for each way on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui_app.clock import from_wire, show_moment
from tui_app.i18n import t
from tui_app.screens.frame.unmask_screen import UnmaskScreen
from tui_app.services.access.access import MASKED
from tui_app.services.exchange import inbox
from tui_app.services.exchange.hand_over import HAND_OVER_FORMATS, hand_over
from tui_app.services.exchange.inbox import Item, Typed
from tui_app.services.people.values import field_word, read_value, type_word
from tui_app.services.station.whole_file import whole_file
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.facts import Facts
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField

MOST_FIELDS = 9  # that a choice of fields offers by digit


class InboxScreen(UnmaskScreen):
    """``at``: the number of the change to begin with."""

    AUTO_FOCUS = "#items"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "inbox.key_edit", id="inbox.edit", tooltip="inbox.key_edit_tip"),
        Binding("s", "again", "inbox.key_again", id="inbox.again", tooltip="inbox.key_again_tip"),
        Binding("g", "hand", "inbox.key_hand", id="inbox.hand", tooltip="inbox.key_hand_tip"),
        Binding("r", "withdraw", "inbox.key_withdraw", id="inbox.withdraw", tooltip="inbox.key_withdraw_tip"),
        Binding("t", "settled", "inbox.key_settled", id="inbox.settled", tooltip="inbox.key_settled_tip"),
        Binding("escape", "back", "app.key_back", id="inbox.back", tooltip="app.key_back_tip"),
    ]
    noted_as = "inbox"

    def __init__(self, *, at: int | None = None) -> None:
        super().__init__()
        self.items: dict[str, Item] = {}
        self.settled = False
        self._at = str(at) if at is not None else None

    def compose(self) -> ComposeResult:
        """The changes, and below them the one under the cursor in full."""
        yield from self.frame_top("inbox.title")
        yield RowList(_columns(), id="items", empty=t("widgets.list_loading"), markable=True)
        yield Notice(self._heading, id="about")
        yield Notice(self._says, id="says")
        with VerticalScroll(id="typed", can_focus=False):
            yield Facts(id="fields")
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Whatever happened elsewhere is read again."""
        self.records_changed()

    def records_changed(self) -> None:
        """Read everything again."""
        at, self._at, restricted, settled = self._at, None, self.workspace.sees_restricted, self.settled

        def show(found: list[Item]) -> None:
            self.items = {str(one.n): one for one in found}
            rows = self.query_one("#items", RowList)
            rows.empty = t("inbox.empty")
            rows.mark(rows.marked & self.items.keys())
            rows.show(ListSource([_row(one) for one in found]), at=at)
            self.set_title(
                "inbox.key_settled" if settled else "inbox.title", t("inbox.counts", count=len(found))
            )
            self.paint_numbers()

        self.read(lambda c: inbox.items(c, settled=settled, restricted=restricted), show, group="items")

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self.query_one("#items", RowList).set_columns(_columns())
        self.records_changed()

    # ---- what is shown

    @property
    def item(self) -> Item | None:
        """The change under the cursor."""
        row = self.query_one("#items", RowList).cursor_row if self.is_mounted else None
        return self.items.get(row.key) if row is not None else None

    @property
    def chosen(self) -> list[Item]:
        """The marked changes, else the one under the cursor."""
        marked = self.query_one("#items", RowList).marked if self.is_mounted else frozenset()
        if marked:
            return [one for key, one in self.items.items() if key in marked]
        return [self.item] if self.item is not None else []

    @on(RowList.Highlighted)
    @on(RowList.Shown)
    def paint_numbers(self) -> None:
        """Show the change under the cursor."""
        one = self.item
        fields = (
            [(field_word(typed.field, one.type), self._typed(one, typed)) for typed in one.fields]
            if one
            else []
        )
        self.query_one("#fields", Facts).show(fields)
        for name in ("about", "says"):
            self.query_one(f"#{name}", Notice).refresh(layout=True)
        self.refresh_bindings()

    def _heading(self) -> str:
        one = self.item
        if one is None:
            return ""
        wrote = t("inbox.typed_line", who=one.who, at=show_moment(from_wire(one.at)))
        what = t("inbox.new_record") if one.creates else t("inbox.edit_of")
        return " · ".join((_whose(one), f"{type_word(one.type)} ({what})", wrote))

    def _says(self) -> str:
        one = self.item
        if one is None:
            return ""
        if one.settled is not None:
            done = one.settled
            return t(
                f"inbox.settled_{done.how}",
                who=done.who,
                at=show_moment(from_wire(done.at)),
                reason=done.reason,
                to=done.to,
            )
        words = [t(f"inbox.says_{one.state}", reason=inbox.reason_words(one.reason)), inbox.advice(one)]
        if self.masked_record() is not None and not self.unmasked:
            words.append(t("inbox.masked"))
        return " ".join(words)

    def _typed(self, one: Item, typed: Typed) -> str:
        restricted = self.workspace.sees_restricted
        new = one.words(typed, True, hide=not self.unmasked, restricted=restricted)
        if not one.creates:
            was = one.words(typed, False, hide=not self.unmasked, restricted=restricted)
            new = t("inbox.was_new", was=was, new=new)
        return f"{new} ({t('inbox.at_fault')})" if typed.field == one.at_fault else new

    # ---- keys

    def masked_record(self) -> tuple[str, str] | None:
        """The record of a telephone or identity number."""
        one = self.item
        if one is None or not any(typed.field in MASKED for typed in one.fields):
            return None
        return one.type, one.record

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is settled is only looked at."""
        if action in ("edit", "again", "hand", "withdraw"):
            one = self.item
            return one is not None and one.settled is None and (action != "edit" or one.here or one.creates)
        return super().check_action(action, parameters)

    def action_settled(self) -> None:
        """What was settled, or back to what waits."""
        self.settled = not self.settled
        self.query_one("#items", RowList).mark(())
        self.records_changed()

    def action_back(self) -> None:
        """Back, from what was settled to what waits first."""
        if self.settled:
            self.action_settled()
        else:
            self.dismiss(None)

    def action_again(self) -> None:
        """Let the marked changes go out once more as they are."""
        workspace, numbers = self.workspace, sorted(one.n for one in self.chosen)

        def job() -> None:
            for n in numbers:
                inbox.send_again(workspace, n)

        self._do(job, t("inbox.done_again"))

    def action_withdraw(self) -> None:
        """Ask why, then take the change under the cursor back."""
        one, workspace = self.item, self.workspace
        if one is None:
            return

        def because(reason: str | None) -> None:
            if reason is not None:
                self._do(
                    lambda: inbox.withdraw(workspace, one.n, reason),
                    lambda count: t("inbox.done_withdrawn", count=count),
                )

        text = t("inbox.withdraw_made") if one.creates else t("inbox.withdraw_text")
        check = _needs("inbox.needs_reason")
        field = TextField(max_length=200)
        self.app.push_screen(Ask(t("inbox.withdraw_title"), text, field=field, check=check), because)

    def action_hand(self) -> None:
        """Ask who takes the marked changes and where to write them."""
        workspace, numbers = self.workspace, sorted(one.n for one in self.chosen)
        title = t("inbox.hand_title", count=len(numbers))
        path = TextField(max_length=200, composing=False)
        path.value = str(Path.home() / f"ban-giao-{self.app.today().isoformat()}.xlsx")

        def to(receiver: str | None) -> None:
            if receiver is not None:
                ask = Ask(title, t("inbox.hand_text"), field=path, check=_sheet_name)
                self.app.push_screen(ask, lambda name: write(receiver, name))

        def write(receiver: str, name: str | None) -> None:
            if name is None:
                return
            file = Path(name).expanduser()

            def keep(body: bytes) -> None:
                with whole_file(file) as stream:
                    stream.write(body)

            self._do(
                lambda: hand_over(workspace, numbers, receiver, file.suffix[1:].lower(), keep),
                lambda count: t("inbox.done_handed", count=count, file=file.name),
            )

        check = _needs("inbox.needs_receiver")
        ask = Ask(title, t("inbox.hand_to"), field=TextField(max_length=80), check=check)
        self.app.push_screen(ask, to)

    # ---- edit

    @on(RowList.Selected)
    def action_edit(self) -> None:
        """Open what was typed in its form; where there is none, ask for the field to mend."""
        one, workspace = self.item, self.workspace
        if one is None or not self.check_action("edit", ()):
            return
        if one.form:
            self.save(lambda: inbox.begin_edit(workspace, one.n), lambda kind: self._open_form(kind, one))
        else:
            self._choose_field(one)

    def _open_form(self, kind: str, one: Item) -> None:
        workspace = self.workspace

        def after(saved: str | None) -> None:
            if saved is None:
                self.app.say(t("inbox.nothing_saved"))
                return
            self._do(lambda: inbox.edited(workspace, one.n), t("inbox.done_resent"))

        if kind == "person":
            from tui_app.screens.people.person_form import PersonForm

            self.app.push_screen(PersonForm(one.record), after)
        else:
            from tui_app.screens.people.household_form import HouseholdForm

            self.app.push_screen(HouseholdForm(one.record), after)

    def _choose_field(self, one: Item) -> None:
        fields = [typed for typed in one.fields if typed.field != "deleted"]
        at_fault = [typed for typed in fields if typed.field == one.at_fault]
        if len(fields) < 2 or at_fault:
            self._ask_value(one, next(iter([*at_fault, *fields]), None))
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                self._ask_value(one, next(typed for typed in fields if typed.field == name))

        options = [
            (typed.field, f"{field_word(typed.field, one.type)}: {self._typed(one, typed)}")
            for typed in fields
        ]
        self.app.push_screen(Choose(t("inbox.choose_field"), options[:MOST_FIELDS]), chosen)

    def _ask_value(self, one: Item, typed: Typed | None) -> None:
        workspace = self.workspace
        if typed is None or one.reason in ("reserved-field", "bad-field"):
            self._do(lambda: inbox.resend(workspace, one.n), t("inbox.done_resent"))
            return

        def given(text: str | None) -> None:
            if text is not None:
                changes = {typed.field: read_value(one.type, typed.field, text)}
                self._do(lambda: inbox.resend(workspace, one.n, changes), t("inbox.done_resent"))

        field = TextField(max_length=500)
        field.value = "" if typed.new is None else str(typed.new)
        title = t("inbox.edit_title", field=field_word(typed.field, one.type))
        self.app.push_screen(
            Ask(title, t("inbox.edit_text", value=self._typed(one, typed)), field=field), given
        )

    # ---- doing

    def _do(self, job: Callable[[], Any], done: str | Callable[[Any], str]) -> None:
        def then(answer: Any) -> None:
            self.app.say(done if isinstance(done, str) else done(answer))
            self.query_one("#items", RowList).mark(())
            self.records_changed()

        self.save(job, then)


def _whose(one: Item) -> str:
    return " · ".join(_said((one.whose.name or one.whose.code, one.whose.detail)))


def _said(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part]


def _needs(key: str) -> Callable[[str], str]:
    return lambda typed: "" if typed.strip() else t(key)


def _sheet_name(typed: str) -> str:
    known = Path(typed).suffix[1:].lower() in HAND_OVER_FORMATS
    return "" if known else t("inbox.hand_suffix")


def _columns() -> list[Column]:
    return [
        Column("at", t("sync.col_at"), width=16, optional=2),
        Column("whose", t("resolve.col_whose"), width=18, flex=2),
        Column("record", t("sync.col_record"), width=12, flex=1),
        Column("field", t("sync.col_field"), width=14, flex=1, optional=1),
        Column("state", t("sync.col_state"), width=10),
    ]


def _row(one: Item) -> Row:
    fields = ", ".join(field_word(typed.field, one.type) for typed in one.fields)
    return Row(
        str(one.n),
        (
            show_moment(from_wire(one.at)),
            _whose(one),
            type_word(one.type),
            t("inbox.new_record") if one.creates else fields,
            t(f"sync.state_{one.state}") if one.settled is None else t(f"inbox.state_{one.settled.how}"),
        ),
        state="warning" if one.settled is None else "steady",
    )
