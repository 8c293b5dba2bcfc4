"""request: what persons ask of the data kept about them; noted, answered, ended, with what falls due."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date, today
from tui_app.codes import code_word
from tui_app.commands import common
from tui_app.commands.care_arguments import whole_id
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.requests.register import Request

KINDS = ("access", "correction", "deletion", "restriction", "withdrawal")
PAPERS = ("notice", "assessment")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("request", help=t("requests.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    listed = _action(actions, "list", _list)
    listed.add_argument("--all", action="store_true", help=t("requests.help_all"))
    new = _action(actions, "add", _add)
    new.add_argument("person", metavar="PERSON")
    new.add_argument("--kind", required=True, choices=KINDS)
    new.add_argument("--received", metavar="D", help=t("requests.help_received"))
    new.add_argument("--asked-by", metavar="TEXT", default="", help=t("requests.help_asked_by"))
    new.add_argument("--wording", metavar="TEXT", default="", help=t("requests.help_wording"))
    new.add_argument("--third-parties", action="store_true", help=t("requests.help_third_parties"))
    for name, run, said in (
        ("answer", _answer, ""),
        ("done", _done, "--outcome"),
        ("refuse", _refuse, "--reason"),
        ("cancel", _cancel, "--reason"),
    ):
        action = _action(actions, name, run)
        action.add_argument("request", metavar="ID")
        action.add_argument("--on", metavar="D", help=t("requests.help_on"))
        if said:
            action.add_argument(said, dest="outcome", metavar="TEXT", required=True)
    data = _action(actions, "data", _data)
    data.add_argument("request", metavar="ID")
    data.add_argument("--out", type=Path, metavar="FILE.pdf|json", required=True)
    _action(actions, "kept", _kept)
    paper = _action(actions, "paper", _paper)
    paper.add_argument("paper", choices=PAPERS, help=t("privacy_papers.help_which"))
    paper.add_argument("--out", type=Path, metavar="FILE.pdf", required=True)


def _action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"requests.help_{name}"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _list(arguments: Arguments) -> int:
    """What is due first, then what was ended when all are asked for."""
    from tui_app.commands import case_words
    from tui_app.services.requests import register

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            found = register.requests(c, today(workspace.clock), open_only=not arguments.all)
        if arguments.json and found:
            case_words.note_export(workspace, "data_request")
    for one in found:
        if arguments.json:
            put_json(asdict(one) | {"next_due": one.next_due})
        else:
            put("  ".join(filter(None, _cells(one))))
    if not found and not arguments.json:
        say("requests.none")
    return 0


def _cells(one: Request) -> tuple[str, ...]:
    from tui_app.services.requests import words

    return (
        one.id[-6:],
        code_word("kind", one.kind, "data_request"),
        code_word("state", one.progress, "data_request"),
        one.full_name or t("requests.nameless"),
        t("requests.received", day=show_date(one.received_on)),
        words.deadline("answer", one.answer) if one.state == "open" or one.answer.met_on else "",
        words.deadline("end", one.end),
        one.outcome,
    )


def _add(arguments: Arguments) -> int:
    from tui_app.services.requests import register

    with common.unlocked(arguments) as workspace:
        ident = register.add(
            workspace.store,
            workspace.user,
            whole_id(workspace, "person", arguments.person),
            arguments.kind,
            received_on=common.day_of(arguments.received),
            asked_by=arguments.asked_by,
            wording=arguments.wording,
            third_parties=arguments.third_parties or None,
        )
    return _said(arguments, ident, "requests.added")


def _answer(arguments: Arguments) -> int:
    from tui_app.services.requests import register

    def step(workspace: Workspace, request: str) -> None:
        register.answer(workspace.store, workspace.user, request, on=common.day_of(arguments.on))

    return _step(arguments, step, "requests.answered")


def _done(arguments: Arguments) -> int:
    from tui_app.services.requests import register

    return _ended(arguments, register.finish, "requests.done")


def _refuse(arguments: Arguments) -> int:
    from tui_app.services.requests import register

    return _ended(arguments, register.refuse, "requests.refused")


def _cancel(arguments: Arguments) -> int:
    from tui_app.services.requests import register

    return _ended(arguments, register.cancel, "requests.cancelled")


def _ended(arguments: Arguments, how: Callable[..., None], key: str) -> int:
    def step(workspace: Workspace, request: str) -> None:
        how(workspace.store, workspace.user, request, arguments.outcome, on=common.day_of(arguments.on))

    return _step(arguments, step, key)


def _step(arguments: Arguments, step: Callable[[Workspace, str], None], key: str) -> int:
    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "data_request", arguments.request)
        step(workspace, ident)
    return _said(arguments, ident, key)


def _data(arguments: Arguments) -> int:
    """All that is kept about who asked to see it; warned of and noted."""
    from tui_app.papers.person_data import FORMATS, write_person_data

    ending = arguments.out.suffix[1:].casefold()
    if ending not in FORMATS:
        raise UserError("papers.bad_format", file=arguments.out.name, formats=", ".join(FORMATS))
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        body = write_person_data(workspace, whole_id(workspace, "data_request", arguments.request), ending)
    return _written(arguments, body)


def _kept(arguments: Arguments) -> int:
    """A line a rule with whom it keeps, then those it keeps no longer; counts only, with --json the ids."""
    from tui_app.services.requests.kept_overview import kept_overview

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = kept_overview(c, today(workspace.clock))
    if arguments.json:
        put_json(asdict(found))
        return 0
    for one in found.rules:
        ends = " – ".join(show_date(day) for day in dict.fromkeys((one.first, one.last)) if day)
        unsure = "" if one.verified else f"[{t('rules.unverified')}]"
        put("  ".join(filter(None, (f"{len(one.persons):>6}", one.words, one.document, ends, unsure))))
    put(f"{len(found.over):>6}  {t('privacy.kept_over')}")
    put(f"{len(found.free):>6}  {t('privacy.kept_free')}")
    put(t("privacy.kept_journal", count=found.journal, over=found.journal_over))
    return 0


def _paper(arguments: Arguments) -> int:
    """The notice for people, or the template of the impact assessment. They name nobody."""
    from tui_app.papers.impact_assessment import write_assessment
    from tui_app.papers.privacy_notice import write_notice

    write = write_notice if arguments.paper == "notice" else write_assessment
    with common.unlocked(arguments) as workspace:
        body = write(workspace)
    return _written(arguments, body)


def _written(arguments: Arguments, body: bytes) -> int:
    with common.output(arguments.out) as stream:
        stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out)})
    else:
        say("papers.written", file=str(arguments.out))
    return 0


def _said(arguments: Arguments, ident: str, key: str) -> int:
    if arguments.json:
        put_json({"id": ident})
    else:
        say(key, id=ident[-6:])
    return 0
