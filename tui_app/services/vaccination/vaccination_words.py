"""How somebody stands with vaccination, in words: for lists, the person's card, commands and papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import language, t
from tui_app.rules.rule_set import RuleSets
from tui_app.rules.vaccine_facts import DoseState, DoseStatus
from tui_app.services.judging.rule_sets import rule_words


def state_word(found: DoseStatus) -> str:
    """The state alone."""
    return t(f"vaccination.state_{found.state}")


def status_words(found: DoseStatus, *, until: str | None = None) -> str:
    """State, which dose comes next and when; what is not known where that is why. ``until``: of a postponement."""
    dose = dose_word(found.next_dose)
    match found.state:
        case DoseState.OVERDUE:
            words = t("vaccination.said_overdue", dose=dose, due=show_date(found.next_due))
        case DoseState.DUE | DoseState.WAITING:
            words = t(f"vaccination.said_{found.state}", dose=dose, due=show_date(found.next_due))
        case DoseState.POSTPONED:
            words = t("vaccination.said_postponed", until=show_date(until or found.next_due))
        case DoseState.UNSURE:
            why = ", ".join(t(f"vaccination.unsure_{one}") for one in found.unsure)
            words = t("vaccination.said_unsure", why=why)
        case _:
            words = state_word(found)
    return words


def short_words(found: DoseStatus, *, until: str | None = None) -> str:
    """The same where the day stands beside it."""
    if found.state in (DoseState.OVERDUE, DoseState.DUE, DoseState.WAITING):
        return t("vaccination.short", state=state_word(found), dose=dose_word(found.next_dose))
    return status_words(found, until=until)


def brief_words(found: DoseStatus, *, until: str | None = None) -> str:
    """The same in a narrow column with a symbol in front: the dose that comes next, or what is not known."""
    if found.state in (DoseState.OVERDUE, DoseState.DUE, DoseState.WAITING):
        return dose_word(found.next_dose)
    if found.state is DoseState.UNSURE:
        return ", ".join(t(f"vaccination.unsure_{one}") for one in found.unsure)
    return status_words(found, until=until)


def given_words(found: DoseStatus) -> str:
    """How many of which type: ``2/3 + 1 NL``; ``?`` where nothing was recorded or said."""
    if found.recorded == "none":
        return "?"
    needed = "?" if found.basic_needed is None else str(found.basic_needed)
    said = [f"{found.basic_given}/{needed}"]
    for name in ("additional", "booster"):
        if count := getattr(found, name):
            said.append(t(f"vaccination.count_{name}", count=count))
    return " + ".join(said)


def dose_word(code: str | None) -> str:
    """Which dose comes next."""
    return t(f"vaccination.dose_{code}") if code else ""


def product_word(sets: RuleSets, code: str | None) -> str:
    """A product by its name; the words of the card where no set knows it."""
    for one in sets:
        for vaccine in one.vaccine:
            if vaccine.id == code:
                return str(getattr(vaccine, language()))
    return code or "?"


def dose_line(sets: RuleSets, body: Mapping[str, Any]) -> tuple[str, ...]:
    """A dose: day, which one, product, source, place."""
    kind = (
        code_word("dose_type", body.get("dose_type")) if body.get("dose_type") else t("vaccination.no_type")
    )
    number = t("vaccination.number", number=body["number"]) if body.get("number") else ""
    return (
        show_date(body.get("given_on")),
        " · ".join(filter(None, (number, kind))),
        product_word(sets, body.get("product")),
        code_word("source", body.get("source"), "vaccination_dose") if body.get("source") else "?",
        str(body.get("place") or ""),
    )


def why_lines(sets: RuleSets, found: DoseStatus) -> list[str]:
    """Each rule that decided, with its set, the input and the limit."""
    return [rule_words(sets, one, language()) for one in found.findings]


def next_lines(sets: RuleSets, found: DoseStatus) -> list[str]:
    """The rule that says when the next dose is due."""
    return [rule_words(sets, one, language()) for one in found.findings if one.outcome == found.next_dose]
