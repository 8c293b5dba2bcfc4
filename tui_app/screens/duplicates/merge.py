"""Two records side by side: a digit keeps a value, = makes them one, N says they are two, Ctrl+Z takes it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_moment
from tui_app.i18n import t
from tui_app.intake.pairs import Strength
from tui_app.screens.frame.unmask_screen import UnmaskScreen
from tui_app.services.access.access import MASKED
from tui_app.services.duplicates import merging
from tui_app.services.duplicates.comparing import FIRST, SECOND, Comparison, FieldPair, compare
from tui_app.services.duplicates.decided import Decision, merged_into
from tui_app.services.duplicates.merging import Given, Merged
from tui_app.services.people.values import field_word, names, read_value, reference_of, value_words
from tui_app.store import merged
from tui_app.widgets import pair_rows
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource
from tui_app.widgets.text_field import TextField


class MergeScreen(UnmaskScreen):
    """``decision``: the id of the one that was made here, None for later.

    ``reasons``: what made the two look like one; they are kept when somebody says that they are not.
    """

    AUTO_FOCUS = "#fields"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "take(1)", "duplicates.key_first", id="merge.first", tooltip="duplicates.key_first_tip"),
        Binding(
            "2", "take(2)", "duplicates.key_second", id="merge.second", tooltip="duplicates.key_second_tip"
        ),
        Binding("e", "type", "duplicates.key_typed", id="merge.typed", tooltip="duplicates.key_typed_tip"),
        Binding(
            "equals_sign", "same", "duplicates.key_same", id="merge.same", tooltip="duplicates.key_same_tip"
        ),
        Binding(
            "n",
            "not_same",
            "duplicates.key_not_same",
            id="merge.apart",
            tooltip="duplicates.key_not_same_tip",
        ),
        Binding("x", "swap", "duplicates.key_swap", id="merge.swap", tooltip="duplicates.key_swap_tip"),
        Binding("o", "open", show=False, id="merge.open", tooltip="duplicates.key_card_of_tip"),
        Binding("ctrl+z", "undo", "duplicates.key_undo", id="merge.undo", tooltip="duplicates.key_undo_tip"),
        Binding(
            "escape", "back", "duplicates.key_later", id="merge.back", tooltip="duplicates.key_later_tip"
        ),
    ]
    noted_as = "merge"
    leaves_when_refused = True

    def __init__(self, subject: str, first: str, second: str, reasons: Sequence[str] = ()) -> None:
        super().__init__()
        self.subject, self.first, self.second, self.reasons = subject, first, second, tuple(reasons)
        self.decision: str | None = None
        self.found: Comparison | None = None
        self.taken: dict[str, int | Given] = {}
        self._named: Mapping[tuple[str, str], str] = {}
        self._standing: list[Decision] = []
        self._hidden = False  # whether one stands for the other already

    def compose(self) -> ComposeResult:
        """Who they are, the fields that differ, and below them what a person should know first."""
        yield from self.frame_top("duplicates.merge_title")
        yield Notice(self._warnings, id="warnings")
        yield RowList(pair_rows.field_columns(), id="fields", empty=t("widgets.list_loading"))
        yield Notice(self._value_line, id="about")
        yield Notice(self._says, id="says")
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read both."""
        self.records_changed()

    def records_changed(self) -> None:
        """Read both again; what was chosen stays where it still differs."""

        def job(c: Any) -> tuple[Comparison, Mapping[tuple[str, str], str], list[Decision], bool]:
            found = compare(c, self.subject, self.first, self.second)
            given = [(self.subject, one.field, v) for one in found.fields for v in (one.first, one.second)]
            shown = merged.shown_for(c, self.second)
            both = {self.first, self.second}
            standing = [one for one in merged_into(c, self.subject, shown) if {one.kept, one.merged} == both]
            return found, names(c, given), standing, merged.shown_for(c, self.first) == shown

        def show(answer: tuple[Comparison, Mapping[tuple[str, str], str], list[Decision], bool]) -> None:
            self.found, self._named, self._standing, self._hidden = answer
            self.taken = {
                one.field: self.taken.get(one.field, one.proposed)  # type: ignore[misc]
                for one in self.found.fields
                if self.taken.get(one.field, one.proposed) is not None
            }
            self.paint_numbers()

        self.read(job, show, group="both")

    # ---- what is shown

    @property
    def _list(self) -> RowList:
        return self.query_one("#fields", RowList)

    @property
    def field(self) -> FieldPair | None:
        """The field under the cursor."""
        place = self._list.cursor
        fields = self.found.fields if self.found else ()
        return fields[place] if self._list.count and place < len(fields) else None

    @property
    def missing(self) -> list[str]:
        """Fields that a person still has to choose."""
        return [one.field for one in self.found.fields if one.field not in self.taken] if self.found else []

    def paint_numbers(self) -> None:
        """Show both as they were read, with what is chosen."""
        found = self.found
        if found is None:
            return
        title = "duplicates.merge_title" if self.subject == "person" else "duplicates.merge_title_household"
        self.set_title(t(title), self._sides)
        listed = self._list
        listed.empty = t("duplicates.nothing_differs")
        rows = []
        for one in found.fields:
            choice = self.taken.get(one.field)
            own = self._words(one, choice.value) if isinstance(choice, Given) else ""
            words = {FIRST: self._words(one, one.first), SECOND: self._words(one, one.second)}
            rows.append(pair_rows.field_row(one, self.subject, words, choice, own))
        listed.show(ListSource(rows))
        self._paint_notices()

    @on(RowList.Highlighted, "#fields")
    @on(RowList.Shown, "#fields")
    def _paint_notices(self) -> None:
        for name in ("warnings", "about", "says"):
            self.query_one(f"#{name}", Notice).refresh(layout=True)
        self.refresh_bindings()

    def _words(self, one: FieldPair, value: Any) -> str:
        kind = reference_of(self.subject, one.field)
        name = self._named.get((kind, str(value)), "") if kind else ""
        return value_words(self.subject, one.field, value, name=name, hide=not self.unmasked)

    def _sides(self) -> str:
        found = self.found
        if found is None:
            return ""
        return "  |  ".join(
            f"{number} {side.address} · {show_moment(side.changed_at)[:10]}"
            for number, side in ((FIRST, found.first), (SECOND, found.second))
        )

    def _warnings(self) -> str:
        found = self.found
        if found is None:
            return ""
        lines = [t("duplicates.says_merged")] if self._hidden else []
        if found.two_cases:
            lines.append(t("duplicates.says_two_cases"))
        if found.other_unit:
            lines.append(t("duplicates.says_other_unit", one=found.first.unit, other=found.second.unit))
        key = "duplicates.says_against" if self.subject == "person" else "duplicates.says_against_household"
        lines += [t(key, who=one.who, at=show_moment(one.at), reason=one.reason) for one in found.against]
        return "\n".join(lines)

    def _value_line(self) -> str:
        one = self.field if self.is_mounted else None
        if one is None:
            return ""
        words = f"1 {self._words(one, one.first)}  |  2 {self._words(one, one.second)}"
        return f"{field_word(one.field, self.subject)}: {words}"

    def _says(self) -> str:
        found = self.found
        if found is None:
            return ""
        lines = [t("duplicates.says_ready")]
        if self.missing:
            fields = ", ".join(field_word(field, self.subject) for field in self.missing)
            lines = [t("duplicates.says_choose", count=len(self.missing), fields=fields)]
        if found.second.records:
            lines.append(t("duplicates.says_carried", records=pair_rows.looked_at(found.second.records)))
        if found.second.persons:
            lines.append(t("duplicates.says_persons", names=", ".join(found.second.persons)))
        if found.alike:
            fields = ", ".join(field_word(field, self.subject) for field in found.alike)
            lines.append(t("duplicates.says_alike", fields=fields))
        if self.masked_record() is not None and not self.unmasked:
            lines.append(t("duplicates.says_masked"))
        return "\n".join(lines)

    def masked_record(self) -> tuple[str, str] | None:
        """The kept record, where a number differs."""
        hidden = self.found is not None and any(one.field in MASKED for one in self.found.fields)
        return (self.subject, self.first) if hidden else None

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._list.set_columns(pair_rows.field_columns())
        self.paint_numbers()

    # ---- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Choosing needs a field, merging every choice, taking back a merge of the two."""
        if action in ("take", "type"):
            return self.is_mounted and self.field is not None
        if action in ("same", "not_same"):
            return self.found is not None
        if action == "swap":
            return self.found is not None and not self._hidden
        if action == "undo":
            return bool(self._standing)
        return super().check_action(action, parameters)

    def action_take(self, side: int) -> None:
        """Keep one of the two values, and go on to the next field."""
        if self.field is not None:
            self._choose(self.field, side)

    def action_type(self) -> None:
        """Type another value."""
        one = self.field
        if one is None:
            return

        def answered(text: str | None) -> None:
            if text is not None:
                self._choose(one, Given(read_value(self.subject, one.field, text)))

        title = t("duplicates.ask_value", field=field_word(one.field, self.subject))
        self.app.push_screen(
            Ask(title, t("duplicates.ask_value_text"), field=TextField(max_length=200)), answered
        )

    def _choose(self, one: FieldPair, choice: int | Given) -> None:
        self.taken[one.field] = choice
        self.paint_numbers()
        listed = self._list
        listed.move_to(min(listed.cursor + 1, listed.count - 1))

    def action_swap(self) -> None:
        """Keep the other record; what was chosen stays chosen."""
        self.first, self.second = self.second, self.first
        turned = {FIRST: SECOND, SECOND: FIRST}
        self.taken = {
            field: choice if isinstance(choice, Given) else turned[choice]
            for field, choice in self.taken.items()
        }
        self.records_changed()

    def action_open(self) -> None:
        """See the record on the left."""
        from tui_app.screens.people.household import HouseholdScreen
        from tui_app.screens.people.person_card import PersonCardScreen

        screen = PersonCardScreen if self.subject == "person" else HouseholdScreen
        self.app.push_screen(screen(self.first))

    def action_same(self) -> None:
        """Merge, once everything is chosen and it is said why."""
        if self.missing and self.found is not None:
            fields = [one.field for one in self.found.fields]
            self._list.move_to(fields.index(self.missing[0]))
            self.app.say(self._says().splitlines()[0])
            return
        store, who, subject, taken = self.workspace.store, self.workspace.user, self.subject, dict(self.taken)

        def merge(reason: str) -> None:
            def then(done: Merged) -> None:
                count = len(done.open_cases)
                key = "duplicates.done_merged_cases" if count else "duplicates.done_merged"
                self.app.say(t(key, count=count))
                self.decision = done.decision
                self.dismiss(None)

            self.save(
                lambda: merging.merge(store, who, subject, self.first, self.second, taken, reason), then
            )

        self._ask("duplicates.ask_reason", merge)

    def action_not_same(self) -> None:
        """Say that they are two, and why."""
        store, who, subject = self.workspace.store, self.workspace.user, self.subject
        seen = () if self._standing or str(Strength.DISPUTED) in self.reasons else self.reasons

        def apart(reason: str) -> None:
            def then(decision: str) -> None:
                self.app.say(t("duplicates.done_apart"))
                self.decision = decision
                self.dismiss(None)

            self.save(
                lambda: merging.not_same(store, who, subject, self.first, self.second, reason, seen), then
            )

        self._ask("duplicates.ask_reason_apart", apart)

    def _ask(self, words: str, then: Callable[[str], None]) -> None:
        def answered(reason: str | None) -> None:
            if reason is not None:
                then(reason.strip())

        self.app.push_screen(Ask(t(words), t(f"{words}_text"), field=TextField(max_length=200)), answered)

    def action_undo(self) -> None:
        """Take the merge of the two back."""
        store, who, decision = self.workspace.store, self.workspace.user, self._standing[0].id

        def then(left: tuple[str, ...]) -> None:
            fields = ", ".join(field_word(field, self.subject) for field in left)
            self.app.say(
                t("duplicates.done_undone_left", fields=fields) if left else t("duplicates.done_undone")
            )
            self.dismiss(None)

        self.save(lambda: merging.undo(store, who, decision), then)

    def action_back(self) -> None:
        """Later."""
        self.dismiss(None)
