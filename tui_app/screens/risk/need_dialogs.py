"""Support needs from wherever one is: what somebody needs is added, and what is open is met, refused or followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records.visits import SupportKind
from tui_app.screens.frame.deeds import note_deed
from tui_app.services.risk import support_needs
from tui_app.services.risk.support_needs import Need
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.screens.frame.base import WorkScreen

_OPEN_DEEDS = ("met", "follow", "refuse", "withdraw")
_CLOSED_DEEDS = ("reopen", "withdraw")


def choose_need(
    screen: WorkScreen[Any],
    name: str,
    *,
    person: str = "",
    household: str = "",
    then: Callable[[], None],
) -> None:
    """Which kind: one that is open is changed, another is written down, of the person or else of the household."""

    def offer(known: list[Need]) -> None:
        by_kind = {need.kind: need for need in known}

        def chosen(kind: str | None) -> None:
            if kind is None:
                return
            if kind in by_kind:
                change_need(screen, by_kind[kind], then)
            else:
                _ask_note(screen, kind, person, household, then)

        options = [
            (
                str(kind),
                code_word("kind", kind) + (f" · {t('support.choose_kind_open')}" if kind in by_kind else ""),
            )
            for kind in SupportKind
        ]
        screen.app.push_screen(Choose(t("support.choose_kind", name=name), options), chosen)

    def job(c: Any) -> list[Need]:
        if person:
            return support_needs.needs(c, person=person)
        return [need for need in support_needs.needs(c, household=household) if not need.person]

    screen.ask(job, offer)


def _ask_note(
    screen: WorkScreen[Any], kind: str, person: str, household: str, then: Callable[[], None]
) -> None:
    store, who = screen.workspace.store, screen.workspace.user

    def answered(note: str | None) -> None:
        if note is not None:
            whose = {"person": person} if person else {"household": household}
            screen.save(
                lambda: support_needs.open_need(store, who, kind, note=note, **whose),
                lambda need: _done(
                    screen, t("support.added"), then, lambda: support_needs.withdraw(store, who, need)
                ),
            )

    title = t("support.ask_note", kind=code_word("kind", kind))
    field = TextField(max_length=support_needs.NOTE_LENGTH)
    screen.app.push_screen(Ask(title, t("support.ask_note_text"), field=field), answered)


def change_need(screen: WorkScreen[Any], need: Need, then: Callable[[], None]) -> None:
    """What became of a need."""
    store, who = screen.workspace.store, screen.workspace.user
    deeds = _OPEN_DEEDS if need.is_open else _CLOSED_DEEDS
    name = need.full_name or need.address or t("support.whole_household")

    def keep(job: Callable[[], None], words: str) -> None:
        screen.save(
            job, lambda _: _done(screen, words, then, lambda: support_needs.put_back(store, who, need))
        )

    def refused(reason: str | None) -> None:
        if reason is not None:
            keep(lambda: support_needs.refuse(store, who, need.id, reason), t("support.refused"))

    def followed(by: str | None) -> None:
        if by is not None:
            keep(lambda: support_needs.follow(store, who, need.id, by), t("support.followed"))

    def chosen(deed: str | None) -> None:
        match deed:
            case "met":
                keep(lambda: support_needs.meet(store, who, need.id), t("support.met"))
            case "reopen":
                keep(lambda: support_needs.reopen(store, who, need.id), t("support.reopened"))
            case "withdraw":
                keep(lambda: support_needs.withdraw(store, who, need.id), t("support.withdrawn"))
            case "refuse":
                ask = Ask(t("support.ask_reason"), t("support.ask_reason_text"), check=_reason_problem)
                screen.app.push_screen(ask, refused)
            case "follow":
                field = TextField(need.followed_by or who, max_length=60)
                ask = Ask(t("support.ask_follow"), t("support.ask_follow_text"), field=field)
                screen.app.push_screen(ask, followed)

    options = [(deed, t(f"support.deed_{deed}")) for deed in deeds]
    title = t("support.choose_deed", kind=code_word("kind", need.kind), name=name)
    screen.app.push_screen(Choose(title, options, text=need.note), chosen)


def _reason_problem(typed: str) -> str:
    return "" if typed.strip() else t("support.reason_missing")


def _done(screen: WorkScreen[Any], words: str, then: Callable[[], None], back: Callable[[], object]) -> None:
    note_deed(screen.app, back, t("support.undone", what=words))
    screen.app.say(words)
    then()
