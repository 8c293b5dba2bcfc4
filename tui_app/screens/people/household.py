"""A household: where it is, who lives there, when it was visited."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from tui_app.clock import show_moment
from tui_app.codes import alert_words, code_word
from tui_app.i18n import t
from tui_app.screens.frame.numbers import NumbersScreen
from tui_app.services.people import cards, moving
from tui_app.services.people.cards import HouseholdCard, Member
from tui_app.services.people.people import AreaChoice
from tui_app.services.people.values import field_word
from tui_app.text import place_words
from tui_app.widgets.ages import age_text
from tui_app.widgets.facts import Facts
from tui_app.widgets.need_words import need_words
from tui_app.widgets.phones import phone_text
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.sent_words import sent_line, sent_mark
from tui_app.widgets.symbols import symbol
from tui_app.widgets.visit_sheet import label

VISITS_SHOWN = 5


class HouseholdScreen(NumbersScreen):
    """``household``: its id."""

    AUTO_FOCUS = "#members"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "c",
            "conflicts",
            "resolve.key_conflict",
            id="household.conflicts",
            tooltip="resolve.key_conflict_tip",
        ),
        Binding("enter", "card", "household.key_card", id="household.card", tooltip="household.key_card_tip"),
        Binding("v", "visit", "household.key_visit", id="household.visit", tooltip="household.key_visit_tip"),
        Binding("n", "new_person", "household.key_new", id="household.new", tooltip="household.key_new_tip"),
        Binding("e", "edit", "household.key_edit", id="household.edit", tooltip="household.key_edit_tip"),
        Binding(
            "h", "numbers", "person.key_numbers", id="household.numbers", tooltip="household.key_numbers_tip"
        ),
        Binding("s", "need", "support.key_need", id="household.need", tooltip="support.key_need_tip"),
        Binding("p", "survey", show=False, id="household.survey", tooltip="risk.key_survey_tip"),
        Binding("ctrl+z", "undo", show=False, id="household.undo", tooltip="support.key_undo_tip"),
        Binding("m", "move", show=False, id="household.move", tooltip="household.key_move_tip"),
        Binding("escape", "back", "app.key_back", id="household.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, household: str) -> None:
        super().__init__()
        self.household = household
        self.about = ("household", household)
        self.card: HouseholdCard | None = None

    def compose(self) -> ComposeResult:
        """Where, who, when."""
        yield from self.frame_top("types.household")
        yield Facts(id="facts")
        yield RowList(_columns(), id="members", empty=t("widgets.list_loading"))
        yield Facts(id="visits")
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read again whenever the screen comes to the front."""
        day = self.app.today()

        def show(card: HouseholdCard) -> None:
            self.card = card
            self.paint()
            self.note_opened()

        self.read_card(lambda c: cards.household_card(c, self.household, day), show)

    def paint(self) -> None:
        """Show the card as it was read."""
        card = self.card
        if card is None:
            return
        fields = self.with_numbers(card.fields)
        living = sum(not member.gone for member in card.members)
        gone = len(card.members) - living
        self.set_title(
            t("household.title", label=label(fields.get("code", ""), fields.get("address", ""))),
            t("household.counts_gone" if gone else "household.counts", living=living, gone=gone),
        )
        place = place_words(fields.get("address"), fields.get("alley"), card.unit)
        facts: list[tuple[str, str | Content]] = [
            (t("fields.address"), place),
            (t("fields.head"), card.head_name),
            (t("fields.phone"), phone_text(fields.get("phone"))),
        ]
        if card.needs:
            facts.append((t("support.card"), need_words(card.needs, names=True)))
        if fields.get("note"):
            facts.append((t("fields.note"), fields["note"]))
        if card.conflicts:
            names = ", ".join(field_word(field, "household") for field in card.conflicts)
            facts.append((symbol("conflict"), t("person.conflict", fields=names)))
        facts.append((t("receipts.standing"), sent_line(card.sent)))
        self.query_one("#facts", Facts).show(facts)
        members = self.query_one("#members", RowList)
        members.empty = t("household.empty")
        members.show(ListSource([_row(member, card) for member in card.members]))
        self.query_one("#visits", Facts).show(self._visits(card))
        self.refresh_bindings()

    def _visits(self, card: HouseholdCard) -> list[tuple[str, str | Content]]:
        if not card.visits:
            return [(t("household.visits"), t("household.no_visits"))]
        lines: list[tuple[str, str | Content]] = []
        for visit in card.visits[:VISITS_SHOWN]:
            words = t(
                "household.visit_line", moment=show_moment(visit.at), outcome=code_word("outcome", visit.kind)
            )
            if visit.kind == "met":
                words += ", " + t(
                    "household.visit_found", asked=visit.fields["asked"], unwell=visit.fields["unwell"]
                )
            if visit.fields["note"]:
                words += f" · {visit.fields['note']}"
            if visit.sent is not None:
                words += f" · {sent_mark(visit.sent)}"
            lines.append(("" if lines else t("household.visits"), words))
        return lines

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self.query_one("#members", RowList).set_columns(_columns())
        self.paint()

    # ---- keys

    @on(RowList.Selected, "#members")
    def action_card(self) -> None:
        """Open the card of the person under the cursor."""
        from tui_app.screens.people.person_card import PersonCardScreen

        row = self.query_one("#members", RowList).cursor_row
        if row is not None:
            self.app.push_screen(PersonCardScreen(row.key))

    def action_new_person(self) -> None:
        """Add a person."""
        from tui_app.screens.people.person_form import PersonForm

        self.app.push_screen(PersonForm(household=self.household))

    def action_edit(self) -> None:
        """Edit the household."""
        from tui_app.screens.people.household_form import HouseholdForm

        self.app.push_screen(HouseholdForm(self.household))

    def action_visit(self) -> None:
        """Visit it."""
        from tui_app.screens.visits.visit import VisitScreen

        self.app.push_screen(VisitScreen(self.household))

    def action_need(self) -> None:
        """Write down what the household as a whole needs, or what became of it."""
        from tui_app.screens.risk.need_dialogs import choose_need

        if self.card is not None:
            name = label(self.card.fields.get("code", ""), self.card.fields.get("address", ""))
            choose_need(self, name, household=self.household, then=self.on_screen_resume)

    def action_undo(self) -> None:
        """Take the last need of this session back."""
        from tui_app.screens.frame.deeds import take_back

        take_back(self, self.on_screen_resume)

    def action_survey(self) -> None:
        """Write the survey of the household into a file."""
        from tui_app.screens.frame.paper_file import survey_paper, write_paper

        write_paper(self, survey_paper(self.household))

    def action_move(self) -> None:
        """Put the household into another unit."""
        from tui_app.widgets.dialogs import Choose

        card = self.card
        if card is None:
            return
        store, who = self.workspace.store, self.workspace.user
        name = label(card.fields.get("code", ""), card.fields.get("address", ""))

        def offer(units: list[AreaChoice]) -> None:
            if not units:
                self.app.say(t("household.move_nowhere"))
                return

            def chosen(area: str | None) -> None:
                if area is not None:
                    unit = next(unit.name for unit in units if unit.id == area)
                    self.save(
                        lambda: moving.move_household(store, who, self.household, area),
                        lambda count: self._moved(name, unit, count),
                    )

            options = [(unit.id, unit.name) for unit in units]
            title = t("household.move", label=name)
            self.app.push_screen(Choose(title, options, text=t("household.move_text")), chosen)

        self.ask(lambda c: moving.units_to_move_to(c, self.household), offer)

    def _moved(self, name: str, unit: str, count: int) -> None:
        self.app.say(t("household.move_done", label=name, unit=unit, count=count))
        self.on_screen_resume()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Conflicts only where there are some."""
        if action == "conflicts":
            return bool(self.card and self.card.conflicts)
        return super().check_action(action, parameters)

    def action_conflicts(self) -> None:
        """See the fields whose values met, and choose."""
        from tui_app.screens.exchange.conflict import ConflictScreen

        self.app.push_screen(ConflictScreen(record=self.household))

    def action_back(self) -> None:
        """Back."""
        self.dismiss()


def _columns() -> list[Column]:
    return [
        Column("name", t("household.column_name"), width=18, flex=2, names=True),
        Column("age", t("household.column_age"), width=6, align="right"),
        Column("sex", t("household.column_sex"), width=5),
        Column("relation", t("household.column_relation"), width=10, flex=1),
        Column("risk", t("household.column_risk"), width=14, flex=3, optional=1),
    ]


def _row(member: Member, card: HouseholdCard) -> Row:
    gone = t("household.died") if member.died else t("household.moved") if member.gone else ""
    relation = t("household.head") if card.fields.get("head") == member.id else member.relation
    return Row(
        key=member.id,
        cells=(
            member.full_name,
            age_text(member.age),
            code_word("sex", member.sex),
            gone or relation or "?",
            alert_words(member.alerts) or t("household.no_risk"),
        ),
        state="warning" if member.alerts and not member.gone else None,
        tone="muted" if member.gone else "",
    )
