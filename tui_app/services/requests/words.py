"""A request of a data subject in a few words, for screens and commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import language, t
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import line_of
from tui_app.services.people.values import field_word, type_word
from tui_app.services.requests.erasing import Plan
from tui_app.services.requests.mentions import Mention
from tui_app.services.requests.register import TYPE, Deadline, Request
from tui_app.services.requests.rewording import Decisions


def deadline(step: str, one: Deadline) -> str:
    """By when a step (``answer`` or ``end``) is due or was done, and whether that was in time."""
    if one.on is None:
        return t(f"requests.{step}_no_rule")
    said = t(
        f"requests.{step}_{'met' if one.met_on else 'by'}", on=show_date(one.on), met=show_date(one.met_on)
    )
    mark = "" if one.state in ("due", "on_time") else f" ({t(f'requests.{one.state}')})"
    unsure = "" if one.finding is None or one.finding.verified else f" [{t('rules.unverified')}]"
    return said + mark + unsure


def asked_words(found: Sequence[Request]) -> str:
    """What somebody asked and still waits for, each with the step that is due next."""
    said = []
    for one in found:
        answers = one.answer.waits and one.answer.on == one.next_due
        due = deadline("answer", one.answer) if answers else deadline("end", one.end)
        said.append(f"{code_word('kind', one.kind, TYPE)}, {due}")
    return t("privacy.waiting", what="; ".join(said))


def rule(sets: RuleSets, one: Deadline) -> str:
    """What the rule behind a deadline says, by its document and its own name; empty where no document says."""
    finding = one.finding
    if finding is None:
        return ""
    found = sets.get(finding.rule_set)
    line = line_of(found, finding)
    return t(
        "privacy.rule",
        rule=getattr(line, language()),
        document=line.document or found.document,
        id=f"{finding.rule_set}/{finding.rule}",
    )


def rules(sets: RuleSets, day: date) -> list[str]:
    """How long requests of each kind may take, by the sets in force on a day; a line a set."""
    return [
        t(
            "privacy.rule_short",
            rule=" · ".join(getattr(rule, language()) for rule in one.request_due),
            document=one.document,
        )
        for one in sets.in_force("request_due", day)
    ]


def plan_lines(plan: Plan, decisions: Decisions) -> list[str]:
    """What erasing would do, or what forbids it; then what goes, what stays and what comes instead of words about the
    person, a paragraph each."""
    lines = (
        [t("privacy.law_keeps"), *(f"• {kept.said()}" for kept in plan.kept_by), ""] if plan.kept_by else []
    )
    if plan.kept_by:
        lines += [t("privacy.refuse_it"), ""]
    if plan.unsent:
        lines += [t("requests.send_first", count=plan.unsent), ""]
    lines.append(t("privacy.goes" if plan.may_go else "privacy.would_go"))
    lines += [f"{count:>5}  {type_word(kind)}" for kind, count in plan.counts.items()]
    if plan.household:
        lines.append(t("privacy.goes_household"))
    lines += ["", t("privacy.goes_where"), "", t("privacy.stays"), f"• {t('privacy.stays_register')}"]
    journal = plan.journal
    by = t("privacy.rule_short", rule=journal.words, document=journal.document) if journal else ""
    lines.append(f"• {t('privacy.stays_journal', rule=by) if by else t('privacy.stays_journal_plain')}")
    lines.append(f"• {t('privacy.stays_reports')}")
    lines.append(f"• {t('privacy.stays_copies')}")
    if plan.named_in:
        lines += ["", t("privacy.named_in")]
        for one in plan.named_in:
            for field in one.fields:
                lines += [
                    f"• {where(one, field)}: {one.texts[field]}",
                    f"  → {instead(one, field, decisions)}",
                ]
    return lines


def where(one: Mention, field: str) -> str:
    """A field of a record that names the person: the record's type, whose it is, the field."""
    about = one.about or f"…{one.id[-6:]}"
    key = "privacy.mention_deleted" if one.deleted else "privacy.mention"
    return t(key, type=type_word(one.type), about=about, field=field_word(field, one.type))


def instead(one: Mention, field: str, decisions: Decisions) -> str:
    """What will stand there once the person is erased."""
    if not one.reached:
        return t("privacy.words_unreached")
    new = decisions.get((one.type, one.id, field))
    if new is None:
        return t("privacy.words_left")
    return t("privacy.words_new", text=new) if new else t("privacy.words_removed")
