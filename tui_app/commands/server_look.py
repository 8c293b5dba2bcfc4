"""server stats, held-by, held-ops, release-held, refusals: what the server holds, and what waits there for a person."""

from __future__ import annotations

import argparse
import tomllib
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui_app.clock import VIETNAM, from_wire, show_moment, to_wire
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.commands.server_common import finish, moment, now, opened
from tui_app.i18n import t
from tui_app.rules.breach import BreachNotice, breach_notice
from tui_app.settings import asset

if TYPE_CHECKING:
    from sync.server.lost import HeldBy


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    stats = actions.add_parser("stats", help=t("server.help_stats"))
    common.add_json(stats)
    finish(stats, run_stats)

    held_by = actions.add_parser("held-by", help=t("server.help_held_by"))
    held_by.add_argument("device")
    held_by.add_argument("--names", action="store_true", help=t("server.help_names"))
    held_by.add_argument("--found", metavar="MOMENT", help=t("server.help_found"))
    common.add_json(held_by)
    finish(held_by, run_held_by)

    held_ops = actions.add_parser("held-ops", help=t("server.help_held_ops"))
    common.add_json(held_ops)
    finish(held_ops, run_held_ops)

    release = actions.add_parser("release-held", help=t("server.help_release"))
    release.add_argument("ops", nargs="*", metavar="OP")
    release.add_argument("--areas", default="", help=t("server.help_release_areas"))
    release.add_argument("--unit", default="", metavar="CODE", help=t("server.help_release_unit"))
    common.add_json(release)
    finish(release, run_release)

    refusals = actions.add_parser("refusals", help=t("server.help_refusals"))
    refusals.add_argument("--last", type=int, default=100, metavar="N", help=t("server.help_last"))
    common.add_json(refusals)
    finish(refusals, run_refusals)


def run_stats(arguments: Arguments) -> int:
    """Counts of everything, without a name."""
    from sync.server.stats import stats

    with opened(arguments) as database:
        counted = stats(database, now=now())
    if arguments.json:
        put_json(asdict(counted))
        return 0
    for area in counted.areas:
        kinds = ", ".join(f"{kind} {count}" for kind, count in area.records.items())
        notes = t("server.stats_waiting", conflicts=area.open_conflicts, held=area.held, ended=area.ended)
        put(f"{area.place}\t{show_moment(area.updated)}\t{kinds}\t{notes}")
    put(t("server.stats_ops", ops=_counted(counted.ops), elsewhere=counted.held_elsewhere))
    put(t("server.stats_devices", **counted.devices, invites=counted.open_invites))
    put(t("server.stats_size", size=f"{counted.bytes / 1e6:.1f}"))
    return 0


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{word} {count}" for word, count in counts.items()) or "0"


def run_held_by(arguments: Arguments) -> int:
    """Whose data a lost laptop held, and when the notice is due."""
    from sync.server.lost import held_by

    with opened(arguments) as database:
        held = held_by(database, arguments.device, names=arguments.names)
    known = from_wire(held.revoked) if held.revoked else now()
    found = moment(arguments.found) if arguments.found else known
    rule = _notice(found)
    if arguments.names:
        say("server.names_warning")
    if arguments.json:
        put_json(_held_json(held, found, rule))
    else:
        _put_held(held, found, rule)
    return 0


def _held_json(held: HeldBy, found: datetime, rule: BreachNotice | None) -> dict[str, Any]:
    answer = asdict(held)
    answer["count"] = len(held.persons)
    answer["found"] = to_wire(found)
    answer["notice"] = None
    if rule:
        answer["notice"] = {"deadline": to_wire(rule.deadline(found)), **asdict(rule)}
    return answer


def _put_held(held: HeldBy, found: datetime, rule: BreachNotice | None) -> None:
    put(
        t("server.held_by", device=held.device, user=held.user, label=held.label, seen=show_moment(held.seen))
    )
    put(
        t(
            "server.held_count",
            count=len(held.persons),
            places=", ".join(held.places) or "-",
            later=held.later,
        )
    )
    if held.forks:
        put(t("server.held_forks", devices=", ".join(held.forks)))
    if rule:
        due = {
            "deadline": show_moment(rule.deadline(found)),
            "found": show_moment(found),
            "hours": rule.hours,
        }
        put(t("server.notice_due", authority=rule.authority, document=rule.document, **due))
        if rule.form:
            put(t("server.notice_form", form=rule.form))
        if not rule.verified:
            put(t("server.notice_unverified", source=rule.source, checked=rule.checked.strftime("%d/%m/%Y")))
    else:
        put(t("server.notice_unknown"))
    for person in held.persons:
        put("\t".join(word for word in (person.id, person.place, person.name) if word))


def _notice(found: datetime) -> BreachNotice | None:
    rule_set = tomllib.loads(asset("rule_sets", "data_protection.toml").read_text(encoding="utf-8"))
    return breach_notice(rule_set, found.astimezone(VIETNAM).date())


def run_held_ops(arguments: Arguments) -> int:
    """Ops that reached no area."""
    from sync.server.held import held_ops

    with opened(arguments) as database:
        waiting = held_ops(database)
    for op in waiting:
        if arguments.json:
            put_json(asdict(op))
        else:
            made, fields = show_moment(op.at), ", ".join(op.fields)
            put("\t".join((op.op, op.place, op.type, made, op.user, op.device, op.reason, fields)))
    if waiting and not arguments.json:
        say("server.held_ops_next", count=len(waiting))
    return 4 if waiting else 0


def run_release(arguments: Arguments) -> int:
    """Take held ops in after all."""
    from sync.server.grants import place_list
    from sync.server.held import release
    from sync.server.scrubbing import clean_up
    from tui_app.records import REGISTRY

    areas = place_list(arguments.areas) if arguments.areas or not arguments.ops else []
    with opened(arguments) as database:
        results = release(database, REGISTRY, ops=arguments.ops, areas=areas, unit=arguments.unit, now=now())
        clean_up(database, REGISTRY)
    for result in results:
        if arguments.json:
            put_json({"op": result.op, "result": result.result, "reason": result.reason})
        else:
            put("\t".join(word for word in (result.op, result.result, result.reason) if word))
    return 4 if any(result.result in ("held", "rejected", "conflict") for result in results) else 0


def run_refusals(arguments: Arguments) -> int:
    """Who was refused what; never what was in it."""
    from sync.server.refusals import latest

    with opened(arguments) as database:
        found = latest(database, max(0, arguments.last))
    for refusal in found:
        if arguments.json:
            put_json(asdict(refusal))
        else:
            device = refusal.device or t("server.stranger")
            put("\t".join((show_moment(refusal.at), device, refusal.route, refusal.kind, refusal.area)))
    return 0
