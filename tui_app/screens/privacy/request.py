"""One request of a data subject, whole: what was asked, each deadline with the rule behind it, what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui_app.clock import show_date
from tui_app.codes import code_word, yes_no
from tui_app.i18n import t
from tui_app.records.data_requests import RequestKind
from tui_app.screens.privacy.request_deeds import RequestDeeds
from tui_app.services.access import access
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.values import field_word
from tui_app.services.requests import register, words
from tui_app.services.requests.register import Request
from tui_app.widgets.facts import Facts

Shown = tuple[Request, tuple[str, str]]


class RequestScreen(RequestDeeds):
    """``request``: its id. That it was opened is noted."""

    AUTO_FOCUS = "#whole"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "print_data", "privacy.key_data", id="request.data", tooltip="privacy.key_data_tip"),
        Binding("escape", "back", "app.key_back", id="request.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, request: str) -> None:
        super().__init__()
        self.request = request
        self._shown: Shown | None = None

    def compose(self) -> ComposeResult:
        """Facts that scroll."""
        yield from self.frame_top("privacy.title_request")
        with VerticalScroll(id="whole"):
            yield Facts(id="facts")
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read again whenever the screen comes to the front."""
        self.reload()

    def records_changed(self) -> None:
        """After a sync."""
        self.reload()

    def reload(self) -> None:
        """Read the request and the rules behind its deadlines."""
        day, store, who = self.app.today(), self.workspace.store, self.workspace.user

        def job(c: Any) -> Shown:
            one, sets = register.request(c, self.request, day), rule_sets(c)
            return one, (words.rule(sets, one.answer), words.rule(sets, one.end))

        def show(shown: Shown) -> None:
            self._shown = shown
            self._paint()
            self.note(lambda: access.note_opened(store, who, register.TYPE, self.request))

        self.read(job, show, group="request")

    def _paint(self) -> None:
        if self._shown is None:
            return
        one, (answer, end) = self._shown
        name = one.full_name or t("requests.nameless")
        self.set_title(f"{code_word('kind', one.kind, register.TYPE)} · {name}", f"…{one.id[-6:]}")
        facts = [
            ("state", code_word("state", one.progress, register.TYPE)),
            ("received_on", show_date(one.received_on)),
            ("asked_by", one.asked_by or t("privacy.themselves")),
            ("wording", one.wording or t("privacy.not_written")),
            ("third_parties", yes_no(one.third_parties)),
        ]
        if not one.may_act:
            facts.append(("outcome", one.outcome or t("privacy.not_written")))
        labelled = [(field_word(name, register.TYPE), said) for name, said in facts]
        if one.not_taken:
            labelled.insert(1, ("", t(f"privacy.erasure_{one.not_taken}")))
        for label, step, due, rule in (
            ("privacy.first_answer", "answer", one.answer, answer),
            ("privacy.end", "end", one.end, end),
        ):
            labelled.append((t(label), words.deadline(step, due)))
            if rule:
                labelled.append(("", rule))
        self.query_one("#facts", Facts).show(labelled)
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Make words anew; the rules come in the language they were read in."""
        super().language_changed()
        self.reload()

    @property
    def chosen(self) -> Request | None:
        """The request."""
        return self._shown[0] if self._shown else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Data is handed to who asked to see it."""
        if action == "print_data":
            return self.chosen is not None and self.chosen.kind == RequestKind.ACCESS
        return super().check_action(action, parameters)

    def action_print_data(self) -> None:
        """Print what is kept about the person."""
        from tui_app.screens.frame.paper_file import write_paper
        from tui_app.screens.privacy.privacy_papers import person_paper

        write_paper(self, person_paper(self.request))

    def action_erase(self) -> None:
        """See what erasing would do; once it is done nothing is left of this request to show."""

        def then(done: bool | None) -> None:
            if done:
                self.dismiss(None)

        if self.chosen is not None:
            self.push_erase(self.chosen, then)

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)
