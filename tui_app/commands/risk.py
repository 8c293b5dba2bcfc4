"""risk: who is on the risk lists and why, as lines, JSON or form 5.1; into a group, out of it, given out for today."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.bootstrap import Workspace
from tui_app.clock import today
from tui_app.codes import code_word
from tui_app.commands import common
from tui_app.commands.care_arguments import day_of, whole_id
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import NotFound, UserError
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.services.risk.risk_people import RiskBook, RiskPerson
    from tui_app.services.risk.risk_why import Reason


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    risk = commands.add_parser("risk", help=t("risk.help"))
    _add_list(risk)
    actions = risk.add_subparsers(metavar="ACTION")
    _add_list(actions.add_parser("list", help=t("risk.help")))
    put_in = _action(actions, "add", _add)
    put_in.add_argument("person", metavar="PERSON")
    put_in.add_argument("group", metavar="GROUP", help=t("risk.help_group"))
    put_in.add_argument("--from", dest="since", metavar="D", help=t("risk.help_from"))
    put_in.add_argument("--until", metavar="D", help=t("risk.help_until"))
    put_in.add_argument("--source", metavar="TEXT", default="", help=t("risk.help_source"))
    end = _action(actions, "end", _end)
    end.add_argument("person", metavar="PERSON")
    end.add_argument("group", metavar="GROUP")
    end.add_argument("--on", metavar="D", help=t("risk.help_on"))
    why = _action(actions, "why", _why)
    why.add_argument("person", metavar="PERSON")
    survey = _action(actions, "survey", _survey)
    survey.add_argument("household", metavar="HOUSEHOLD")
    survey.add_argument("--out", type=Path, metavar="FILE.pdf", required=True)
    survey.add_argument("--blank", action="store_true", help=t("papers.help_blank"))
    give = _action(actions, "assign", _assign)
    _add_choice(give)
    give.add_argument("--task", metavar="TASK", default="visit", help=t("risk.help_task"))
    give.add_argument("--to", metavar="WHO", default="", help=t("risk.help_to"))
    give.add_argument("--withdraw", action="store_true", help=t("risk.help_withdraw"))


def _action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"risk.help_{name}"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--group", action="append", default=[], metavar="G", help=t("risk.help_group"))
    parser.add_argument("--any", action="store_true", help=t("risk.help_any"))
    parser.add_argument(
        "--age", action="append", type=int, default=[], metavar="YEARS", help=t("risk.help_age")
    )
    parser.add_argument("--overdue", type=int, metavar="DAYS", help=t("risk.help_overdue"))
    parser.add_argument("--state", action="append", default=[], metavar="S", help=t("risk.help_state"))
    parser.add_argument("--saved", metavar="NAME", help=t("risk.help_saved"))


def _add_list(parser: argparse.ArgumentParser) -> None:
    _add_choice(parser)
    parser.add_argument("--counts", action="store_true", help=t("risk.help_counts"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=t("risk.help_out"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=_list)


def _list(arguments: Arguments) -> int:
    """The persons who have all that is chosen; without a choice everybody at risk."""
    from tui_app.papers.risk_list import FORMATS

    if arguments.out is not None and arguments.out.suffix[1:].lower() not in FORMATS:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(FORMATS))
    with common.unlocked(arguments) as workspace:
        if arguments.counts:
            return _counts(workspace, arguments)
        book, chosen = _chosen(workspace, arguments)
        people = book.choose(chosen, any_of=arguments.any)
        if arguments.out is not None:
            from tui_app.papers.risk_list import write_risk_list

            say("papers.names_warning")
            about = ", ".join(_words(workspace, chosen))
            body = write_risk_list(workspace, people, arguments.out.suffix[1:].lower(), about=about)
            with common.output(arguments.out) as stream:
                stream.write(body)
            say("papers.written", file=str(arguments.out))
        elif arguments.json:
            _put_json(workspace, people)
        else:
            for one in people:
                put(_text(workspace, one))
    say("risk.listed", count=len(people), unsure=sum(one.has("age_unsure") for one in book.people))
    return 0


def _chosen(workspace: Workspace, arguments: Arguments) -> tuple[RiskBook, set[str]]:
    from tui_app.services.risk.risk_lists import risk_book
    from tui_app.services.risk.risk_people import NARROWS
    from tui_app.services.station import saved_lists

    with workspace.store.read() as c:
        book = risk_book(c, today(workspace.clock), overdue=arguments.overdue)
        saved = saved_lists.chosen(c, "risk", arguments.saved) if arguments.saved else {}
    chosen = {*arguments.group, *saved.get("chosen", ())}
    ages = {rule.from_years: rule.group for rule, _ in book.rules.edges}
    for years in arguments.age:
        if years not in ages:
            known = ", ".join(str(one) for one in sorted(filter(None, ages)))
            raise UserError("risk.unknown_age", age=years, ages=known)
        chosen.add(ages[years])
    for state in arguments.state:
        if state not in NARROWS:
            raise UserError("risk.unknown_state", state=state, states=", ".join(sorted(NARROWS)))
    chosen |= set(arguments.state)
    if arguments.overdue is not None:
        chosen.add("overdue")
    if unknown := chosen - book.rules.bits.keys():
        raise NotFound("risk.unknown_group", group=min(unknown), groups=", ".join(book.rules.bits))
    return book, chosen


def _counts(workspace: Workspace, arguments: Arguments) -> int:
    """How many there are in each group and state: no names, so for every role."""
    from tui_app.services.risk.risk_lists import risk_counts

    with workspace.store.read() as c:
        book = risk_counts(c, today(workspace.clock), overdue=arguments.overdue)
    counted = book.counts(book.rules.bits)
    answer: dict[str, Any] = {"at_risk": book.how_many(), "overdue_days": book.overdue_days}
    if arguments.json:
        put_json(answer | {"counts": dict(counted), "carers_unknown": book.carers_unknown})
        return 0
    for code, word in zip(counted, _words(workspace, counted), strict=True):
        put(f"{counted[code]:6}  {code}  {word}")
    return 0


def _words(workspace: Workspace, codes: Any) -> list[str]:
    from tui_app.services.judging.rule_sets import rule_sets
    from tui_app.services.risk.risk_words import group_word

    with workspace.store.read() as c:
        sets = rule_sets(c)
    return [group_word(sets, code) for code in codes]


def _put_json(workspace: Workspace, people: list[RiskPerson]) -> None:
    from tui_app.commands import case_words
    from tui_app.services.visits.last_contacts import last_contacts

    case_words.note_export(workspace, "person", "risk-ndjson")
    with workspace.store.read() as c:
        contacts = last_contacts(c, [one.person for one in people])
    for one in people:
        put_json(
            {
                "person": one.person,
                "household": one.household,
                "full_name": one.full_name,
                "age": [one.age.low, one.age.high] if one.age else None,
                "sex": one.sex,
                "phone": one.phone,
                "address": one.door.place,
                "unit": one.door.unit,
                "groups": one.groups,
                "unsure": one.unsure_groups,
                "at_risk": one.at_risk,
                "doses": one.doses,
                "under_dosed": one.has("under_dosed"),
                "last_contact_at": contacts.get(one.person),
                "overdue": one.has("overdue"),
                "needs": one.needs,
                "household_needs": one.house_needs,
                "forgotten": one.has("forgotten"),
            }
        )


def _text(workspace: Workspace, one: RiskPerson) -> str:
    age = one.age
    years = "?" if age is None else str(age.low) if age.low == age.high else f"{age.low}–{age.high}"
    needs = [code_word("kind", kind) for kind in dict.fromkeys((*one.needs, *one.house_needs))]
    cells = (
        one.person[-6:],
        one.full_name,
        years,
        one.door.place,
        one.door.unit,
        ", ".join(_words(workspace, one.named_groups)),
        t("risk.needs", needs=", ".join(needs)) if needs else "",
        t("risk.overdue_mark") if one.has("overdue") else "",
    )
    return "  ".join(filter(None, cells))


def _add(arguments: Arguments) -> int:
    """Put a person into a group, with dates."""
    from tui_app.services.risk.risk_groups import add_to_group

    with common.unlocked(arguments) as workspace:
        ident = add_to_group(
            workspace.store,
            workspace.user,
            whole_id(workspace, "person", arguments.person),
            arguments.group,
            started_on=day_of(arguments.since),
            ended_on=day_of(arguments.until),
            source=arguments.source,
        )
        word = _words(workspace, [arguments.group])[0]
    return _said(arguments, ident, "risk.added", group=word)


def _end(arguments: Arguments) -> int:
    from tui_app.services.risk.risk_groups import end_group

    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        ident = end_group(workspace.store, workspace.user, person, arguments.group, on=day_of(arguments.on))
        word = _words(workspace, [arguments.group])[0]
    return _said(arguments, ident, "risk.ended", group=word)


def _said(arguments: Arguments, ident: str, key: str, **params: object) -> int:
    if arguments.json:
        put_json({"id": ident})
    else:
        say(key, **params)
    return 0


def _why(arguments: Arguments) -> int:
    """Each group of a person with its rule and input, or with who wrote it."""
    from tui_app.services.access.access import note_opened
    from tui_app.services.risk.risk_why import risk_why

    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        with workspace.store.read() as c:
            found = risk_why(c, person, today(workspace.clock))
        note_opened(workspace.store, workspace.user, "person", person)
        if arguments.json:
            put_json(
                {
                    "person": person,
                    "at_risk": bool(found.line and found.line.at_risk),
                    "reasons": [_reason_json(one) for one in found.reasons],
                    "ended": [_reason_json(one) for one in found.ended],
                }
            )
            return 0
        for one in found.reasons:
            put("  ".join(_reason_text(workspace, one)))
        if not found.reasons:
            say("risk.on_no_list")
    return 0


def _reason_json(one: Reason) -> dict[str, Any]:
    said = {
        name: getattr(one, name)
        for name in ("row", "who", "at", "source", "started_on", "ended_on", "others")
        if getattr(one, name)
    }
    rule = {"finding": one.finding.kept()} if one.finding else {}
    return {"group": one.group, "holds": one.holds, **rule, **said}


def _reason_text(workspace: Workspace, one: Reason) -> list[str]:
    from tui_app.services.judging.rule_sets import rule_sets
    from tui_app.services.risk.risk_words import group_word, reason_words

    with workspace.store.read() as c:
        sets = rule_sets(c)
    return [group_word(sets, one.group), *reason_words(sets, one)]


def _assign(arguments: Arguments) -> int:
    """Give the persons chosen out for today, or take that back; who was given out already is not doubled."""
    from tui_app.records.campaigns import Task
    from tui_app.services.risk import assignments

    if arguments.task not in set(Task):
        raise UserError("risk.unknown_task", task=arguments.task, tasks=", ".join(Task))
    with common.unlocked(arguments) as workspace:
        book, chosen = _chosen(workspace, arguments)
        people = [one.person for one in book.choose(chosen, any_of=arguments.any)]
        task, day = Task(arguments.task), today(workspace.clock)
        if arguments.withdraw:
            with workspace.store.read() as c:
                given = assignments.given_to(c, day, people, task)
            count = assignments.withdraw(workspace.store, workspace.user, given)
            answer = {"withdrawn": count}
            words = t("risk.taken_back", count=count)
        else:
            made = assignments.assign(
                workspace.store,
                workspace.user,
                people,
                task,
                reason=", ".join(_words(workspace, chosen)),
                assigned_to=arguments.to,
            )
            answer = {"assigned": len(made.new), "already": made.already}
            key = "risk.assigned_some" if made.already else "risk.assigned"
            words = t(key, count=len(made.new), already=made.already)
    if arguments.json:
        put_json(answer)
    else:
        common.tell(words)
    return 0


def _survey(arguments: Arguments) -> int:
    """Form 5.2 of a household, filled or to be filled by hand."""
    from tui_app.papers.household_survey import FORMATS, write_survey

    if arguments.out.suffix[1:].lower() not in FORMATS:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(FORMATS))
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        household = whole_id(workspace, "household", arguments.household)
        body = write_survey(workspace, household, blank=arguments.blank)
        with common.output(arguments.out) as stream:
            stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out)})
    else:
        say("papers.written", file=str(arguments.out))
    return 0
