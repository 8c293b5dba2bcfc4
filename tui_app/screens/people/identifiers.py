"""The numbers of a person, present and former, with their validity; a temporary code for who has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.records.identity import IdentifierKind, IdentifierSource
from tui_app.records.tokens import spelled
from tui_app.screens.frame.form_screen import FormScreen, Opened
from tui_app.screens.frame.unmask_screen import UnmaskScreen
from tui_app.services.access.access import masked
from tui_app.services.people import cards, identity
from tui_app.services.people.entries import Entry
from tui_app.services.people.identity import Identifier
from tui_app.text import clean
from tui_app.widgets.choice import Choice
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.form import FormRow
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField

TYPE = "person_identifier"


class IdentifiersScreen(UnmaskScreen):
    """``person``: whose numbers. They stay masked until ``H``."""

    AUTO_FOCUS = "#numbers"
    leaves_when_refused = True
    noted_as = "identifiers"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "identity.key_new", id="identifiers.new", tooltip="identity.key_new_tip"),
        Binding("d", "end", "identity.key_end", id="identifiers.end", tooltip="identity.key_end_tip"),
        Binding(
            "x", "remove", "identity.key_remove", id="identifiers.remove", tooltip="identity.key_remove_tip"
        ),
        Binding("escape", "back", "app.key_back", id="identifiers.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, person: str) -> None:
        super().__init__()
        self.person = person
        self._name = ""
        self._numbers: list[Identifier] = []
        self._removed: list[str] = []

    def compose(self) -> ComposeResult:
        """One list."""
        yield from self.frame_top("identity.key_numbers")
        yield RowList(_columns(), id="numbers", states=False, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read whenever the screen comes to the front."""
        self.records_changed()

    def records_changed(self) -> None:
        """Read again."""

        def job(c: Any) -> tuple[str, list[Identifier]]:
            row = cards.live_row(c, "person", self.person)
            return row.body.get("full_name", ""), identity.identifiers(c, self.person)

        def show(answer: tuple[str, list[Identifier]]) -> None:
            self._name, self._numbers = answer
            self.paint_numbers()

        self.read(job, show, group="numbers")

    def masked_record(self) -> tuple[str, str] | None:
        """The person, while there is a number to show."""
        return ("person", self.person) if self._numbers and not self.unmasked else None

    def paint_numbers(self) -> None:
        """The numbers, then the code that stands for a missing one."""
        listed = self.query_one("#numbers", RowList)
        listed.empty = t("identity.numbers_empty")
        rows = [self._row(place, one) for place, one in enumerate(self._numbers)]
        code = spelled(identity.temporary_code(self.person))
        rows.append(Row("code", (t("identity.temporary"), code, "", "")))
        listed.show(ListSource(rows))
        self.set_title(t("identity.numbers_title", name=self._name))
        self.refresh_bindings()

    def _row(self, place: int, one: Identifier) -> Row:
        number = one.number if self.unmasked else masked(one.number)
        source = code_word("source", one.source, TYPE) if one.source else t("identity.of_record")
        return Row(str(place), (code_word("kind", one.kind), number, _valid(one), source))

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self.query_one("#numbers", RowList).set_columns(_columns())
        self.paint_numbers()

    @property
    def chosen(self) -> Identifier | None:
        """The number under the cursor that has a record of its own; says why there is none."""
        row = self.query_one("#numbers", RowList).cursor_row
        found = self._numbers[int(row.key)] if row and row.key.isdecimal() else None
        if found is not None and not found.id:
            self.app.say(t("identity.own_number"))
        return found if found is not None and found.id else None

    def action_new(self) -> None:
        """Another number."""
        self.app.push_screen(IdentifierForm(self.person))

    def action_end(self) -> None:
        """Ask for its last day."""
        one, today = self.chosen, self.app.today()
        if one is None:
            return
        store, who = self.workspace.store, self.workspace.user

        def check(typed: str) -> str:
            problem = checks.day(typed, today, "valid_to").problem if typed.strip() else None
            return str(problem) if problem else ""

        def answered(typed: str | None) -> None:
            if typed is not None:
                day = checks.day(typed, today, "valid_to").value if typed.strip() else None
                self._keep(lambda: identity.end_identifier(store, who, one.id, day), "identity.number_ended")

        field = TextField(_shown(one.valid_to), max_length=20, composing=False)
        self.app.push_screen(
            Ask(t("identity.end_title"), t("person.date_text"), field=field, check=check), answered
        )

    def action_remove(self) -> None:
        """Take away a number written by mistake."""
        one, store, who = self.chosen, self.workspace.store, self.workspace.user
        if one is not None:
            self._removed.append(one.id)
            self._keep(lambda: identity.remove_identifier(store, who, one.id), "identity.number_removed")

    def action_undo(self) -> None:
        """Bring back the number taken away last."""
        store, who = self.workspace.store, self.workspace.user
        if self._removed:
            ident = self._removed.pop()
            self._keep(lambda: identity.restore_identifier(store, who, ident), "identity.number_back")

    def _keep(self, job: Any, done: str) -> None:
        def then(_: None) -> None:
            self.app.say(t(done))
            self.records_changed()

        self.save(job, then)

    def action_back(self) -> None:
        """Back."""
        self.dismiss()


class IdentifierForm(FormScreen):
    """A number besides those of the record."""

    def __init__(self, person: str) -> None:
        super().__init__()
        self.person = person

    @property
    def draft_key(self) -> str:
        """One for each person."""
        return f"person_identifier:{self.person}"

    def words(self) -> str:
        """What it is for."""
        return t("identity.number_new")

    def opened(self, c: Any) -> Opened:
        """Nothing stands there before."""
        cards.live_row(c, "person", self.person)
        return Opened({}, {"kind": IdentifierKind.NATIONAL_ID, "source": IdentifierSource.CARD})

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """What, since when, until when."""
        kinds = [
            (str(kind), code_word("kind", kind))
            for kind in IdentifierKind
            if kind != IdentifierKind.TEMPORARY
        ]
        sources = [(str(one), code_word("source", one, TYPE)) for one in IdentifierSource]
        return [
            FormRow("kind", Choice(kinds), t("fields.person_identifier_kind")),
            FormRow(
                "number", TextField(max_length=30, composing=False), t("fields.person_identifier_number")
            ),
            FormRow("valid_from", TextField(max_length=20, composing=False)),
            FormRow("valid_to", TextField(max_length=20, composing=False)),
            FormRow("source", Choice(sources)),
            FormRow("note", TextField(max_length=200)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check the days; the number is checked by what kind it is when it is saved."""
        values, entry = {**opened.values, **typed}, Entry()
        entry.fields["kind"] = IdentifierKind(values.get("kind") or IdentifierKind.NATIONAL_ID)
        entry.fields["source"] = IdentifierSource(values.get("source") or IdentifierSource.SAID)
        entry.fields["number"] = values.get("number", "")
        entry.fields["note"] = clean(values.get("note", ""))
        for name in ("valid_from", "valid_to"):
            entry.take(name, checks.day(values.get(name, ""), self._until(name), name))
        return entry

    def _until(self, name: str) -> date:
        """A card may be valid for long; none began later than today."""
        return self.app.today() if name == "valid_from" else date.max

    def store(self, entry: Entry, typed: Mapping[str, str]) -> str:
        """Keep it."""
        fields = dict(entry.fields)
        kind, number = fields.pop("kind"), fields.pop("number")
        return identity.add_identifier(
            self.workspace.store,
            self.workspace.user,
            self.person,
            kind,
            number,
            draft=self.draft_key,
            **fields,
        )

    def saved(self, record: str, entry: Entry) -> str:
        """That it is kept."""
        return t("identity.number_saved")


def _columns() -> list[Column]:
    return [
        Column("kind", t("identity.column_kind"), width=20),
        Column("number", t("identity.column_number"), width=20),
        Column("valid", t("identity.column_valid"), width=20, flex=1),
        Column("source", t("identity.column_source"), width=14),
    ]


def _valid(one: Identifier) -> str:
    said = [t("identity.valid_from", day=_shown(one.valid_from))] if one.valid_from else []
    said += [t("identity.valid_to", day=_shown(one.valid_to))] if one.valid_to else []
    return " ".join(said) or t("identity.valid_always")


def _shown(day: str) -> str:
    return show_date(day) if day else ""
