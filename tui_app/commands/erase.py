"""erase: removing a person for good, for a request for deletion, unless the law keeps their records."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tui_app.commands import common
from tui_app.commands.care_arguments import whole_id
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import BadFile, UserError
from tui_app.i18n import catalogue, language, t

if TYPE_CHECKING:
    from sync.texts import Text
    from tui_app.services.requests.erasing import Plan
    from tui_app.services.requests.rewording import Decisions


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    erase = commands.add_parser("erase", help=t("requests.help_erase"))
    erase.add_argument("person", metavar="PERSON")
    erase.add_argument("--request", metavar="ID", required=True, help=t("requests.help_request"))
    erase.add_argument("--ground", metavar="TEXT", default="", help=t("requests.help_ground"))
    erase.add_argument("--texts", metavar="FILE", default="", help=t("requests.help_texts"))
    others = erase.add_mutually_exclusive_group()
    others.add_argument("--remove-texts", action="store_true", help=t("requests.help_remove_texts"))
    others.add_argument("--leave-texts", action="store_true", help=t("requests.help_leave_texts"))
    erase.add_argument("--dry-run", action="store_true", help=t("requests.help_dry_run"))
    common.add_json(erase)
    common.add_login(erase)
    erase.set_defaults(run=run_erase)


def run_erase(arguments: Arguments) -> int:
    """Say what would go and what stands against it, or remove it. Exit 1 when it may not be, or when nobody said what
    becomes of words about the person in records of others."""
    from tui_app.services.requests import erasing
    from tui_app.services.requests.rewording import undecided
    from tui_app.store.restore import kept_workspaces

    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        request = whole_id(workspace, "data_request", arguments.request)
        plan = erasing.plan(workspace.store, person)
        texts = _decisions(arguments, plan)
        open_yet = 0 if arguments.leave_texts else undecided(plan.named_in, texts)
        if arguments.dry_run:
            _tell(arguments, plan, texts, {"undecided": open_yet})
            return 0 if plan.may_go and not open_yet else 1
        if plan.may_go and open_yet:
            raise UserError("requests.undecided", count=open_yet)
        plan, kept = erasing.erase(
            workspace.store, workspace.user, person, request, arguments.ground, texts=texts
        )
        scrubbed = workspace.store.scrub()
        copies = [folder.name for folder in kept_workspaces(workspace.places)]
    _tell(arguments, plan, {}, {"request": kept, "scrubbed": scrubbed, "kept_workspaces": copies})
    if not arguments.json:
        say("requests.erased", id=kept[-6:])
        say("requests.old_copies")
        if copies:
            say("requests.kept_workspaces", folders=", ".join(copies))
        if not scrubbed:
            say("requests.scrub_later")
    return 0


def _decisions(arguments: Arguments, plan: Plan) -> Decisions:
    """What shall stand where records of others name the person, as far as it was said. Raises BadFile."""
    from tui_app.services.requests.rewording import removed_by_default

    decided: dict[Text, str | None] = {}
    if arguments.remove_texts:
        decided |= removed_by_default(plan.named_in)
    for number, line in common.lines_of(arguments.texts) if arguments.texts else ():
        named = [line.get(name) for name in ("type", "id", "field")]
        text = line.get("text", 0)
        if not all(isinstance(name, str) for name in named) or not (text is None or isinstance(text, str)):
            raise BadFile("requests.bad_text_line", line=number)
        decided[str(named[0]), str(named[1]), str(named[2])] = text
    return decided


def _tell(arguments: Arguments, plan: Plan, texts: Decisions, more: dict[str, Any]) -> None:
    from tui_app.services.requests.words import instead, where

    if arguments.json:
        rules = [
            {
                "rule_set": one.finding.rule_set,
                "rule": one.finding.rule,
                "until": one.until,
                "counts": one.counts,
            }
            for one in plan.kept_by
        ]
        told = {"person": plan.person, "records": plan.counts, "kept_by": rules, "unsent": plan.unsent}
        put_json(told | {"named_in": [asdict(one) for one in plan.named_in]} | more)
        return
    types = catalogue(language(), "types")
    for kind, count in plan.counts.items():
        put(f"{count:>5}  {types.get(kind, kind)}")
    for kept in plan.kept_by:
        say("requests.law_keeps", rules=kept.said())
    if plan.unsent:
        say("requests.send_first", count=plan.unsent)
    if plan.named_in:
        say("privacy.named_in")
        for one in plan.named_in:
            for field in one.fields:
                put(f"{one.id}  {where(one, field)}: {one.texts[field]}")
                put(f"      → {instead(one, field, texts)}")
    if more.get("undecided"):
        say("requests.undecided", count=more["undecided"])
