"""referral: patients sent on, the slip with its QR card, and cards of others read without a network."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from tui_app.clock import show_date, show_moment
from tui_app.codes import alert_words, code_word
from tui_app.commands import common
from tui_app.commands.care_arguments import moment_of, whole_id
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import BadFile, UserError
from tui_app.i18n import t
from tui_app.text import decimal


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("referral", help=t("referral.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    make = _action(actions, "make", _make)
    make.add_argument("case", metavar="CASE")
    make.add_argument("--to", metavar="PLACE", required=True)
    make.add_argument("--reason", metavar="TEXT", required=True)
    make.add_argument("--from", dest="sent_from", metavar="PLACE", default="")
    make.add_argument("--transport", metavar="TEXT", default="")
    make.add_argument("--alert", metavar="ID", help=t("referral.help_alert"))
    make.add_argument("--at", metavar="MOMENT")
    make.add_argument("--note", metavar="TEXT", default="")
    listed = _action(actions, "list", _list)
    listed.add_argument("--case", metavar="CASE")
    listed.add_argument("--waiting", action="store_true", help=t("referral.help_waiting"))
    acknowledge = _action(actions, "acknowledge", _acknowledge)
    acknowledge.add_argument("referral", metavar="ID")
    acknowledge.add_argument("--by", metavar="NAME", required=True, help=t("referral.help_by"))
    acknowledge.add_argument("--at", metavar="MOMENT")
    acknowledge.add_argument("--admitted", action="store_true", help=t("referral.help_admitted"))
    withdraw = _action(actions, "withdraw", _withdraw)
    withdraw.add_argument("referral", metavar="ID")
    withdraw.add_argument("--reason", metavar="TEXT", default="")
    slip = _action(actions, "slip", _slip)
    slip.add_argument("referral", metavar="ID")
    slip.add_argument("--out", type=Path, metavar="FILE", required=True, help=t("referral.help_out"))
    read = actions.add_parser("read", help=t("referral.help_read"))
    read.add_argument("text", metavar="TEXT", help=t("referral.help_text"))
    read.add_argument("--key", metavar="KEY", help=t("referral.help_key_known"))
    common.add_json(read)
    read.set_defaults(run=_read)
    _action(actions, "key", _key)


def _action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"referral.help_{name}"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _make(arguments: Arguments) -> int:
    from tui_app.services.treatment import referrals

    at = moment_of(arguments.at)
    with common.unlocked(arguments) as workspace:
        alert = whole_id(workspace, "alert", arguments.alert) if arguments.alert else None
        sending = referrals.Sending(
            reason=arguments.reason,
            sent_to=arguments.to,
            sent_from=arguments.sent_from,
            transport=arguments.transport,
            note=arguments.note,
            alert=alert,
        )
        case = whole_id(workspace, "case", arguments.case)
        ident = referrals.make(workspace.store, workspace.user, case, sending, at=at)
    return _said(arguments, ident, "referral.made")


def _list(arguments: Arguments) -> int:
    from tui_app.services.treatment import referrals

    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case) if arguments.case else None
        with workspace.store.read() as c:
            found = referrals.referrals(c, case, waiting=arguments.waiting)
    for one in found:
        if arguments.json:
            put_json(asdict(one))
            continue
        state = t("referral.state_withdrawn") if one.withdrawn else t("referral.state_waiting")
        if one.acknowledged_at:
            state = t("referral.state_arrived", at=show_moment(one.acknowledged_at))
        put("  ".join((show_moment(one.at), one.full_name, one.sent_to, one.reason, state, one.id)))
    if not found and not arguments.json:
        say("referral.none")
    return 0


def _acknowledge(arguments: Arguments) -> int:
    from tui_app.services.treatment import referrals

    at = moment_of(arguments.at)
    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "referral", arguments.referral)
        referrals.acknowledge(
            workspace.store, workspace.user, ident, arguments.by, at=at, admitted=arguments.admitted
        )
    return _said(arguments, ident, "referral.acknowledged")


def _withdraw(arguments: Arguments) -> int:
    from tui_app.services.treatment import referrals

    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "referral", arguments.referral)
        referrals.withdraw(workspace.store, workspace.user, ident, arguments.reason)
    return _said(arguments, ident, "referral.withdrawn")


def _slip(arguments: Arguments) -> int:
    """The slip as pdf, its card as png or txt: named papers, warned of and noted."""
    from tui_app.papers.referral_slip import FORMATS, write_slip

    file_format = arguments.out.suffix[1:].lower()
    if file_format not in FORMATS:
        raise UserError("referral.bad_format", file=str(arguments.out))
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "referral", arguments.referral)
        made = write_slip(workspace, ident, file_format)
        with common.output(arguments.out) as stream:
            stream.write(made.body)
    if arguments.json:
        put_json(
            {
                "referral": ident,
                "file": str(arguments.out),
                "version": made.version,
                "fingerprint": made.fingerprint,
            }
        )
    else:
        say("papers.written", file=str(arguments.out))
    return 0


def _read(arguments: Arguments) -> int:
    """What a scanned card says: its text, or a file that holds it. Needs no workspace and no network."""
    from tui_app.services.treatment import referral_card

    found = referral_card.read(_text(arguments.text))
    if arguments.key and arguments.key not in (found.key, found.fingerprint):
        raise BadFile("referral.other_signer", fingerprint=found.fingerprint)
    if arguments.json:
        said = msgspec.to_builtins(found.card, str_keys=True)
        names = found.card.__struct_fields__
        vitals = [{"field": field, "value": value, "at": at} for field, value, at in found.card.measured()]
        put_json(
            dict(zip(names, said, strict=True))
            | {"vitals": vitals, "key": found.key, "fingerprint": found.fingerprint}
        )
        return 0
    for line in _lines(found.card):
        put(line)
    put(t("referral.card_signed" if arguments.key else "referral.card_by", fingerprint=found.fingerprint))
    return 0


def _lines(card: Any) -> list[str]:
    """A card for people, a line a fact; what it does not say is left out."""
    born = show_date(card.birth) if len(card.birth) == 10 else card.birth
    facts = [
        (t("papers.full_name"), card.full_name),
        (t("papers.birth"), born),
        (t("papers.sex"), code_word("sex", card.sex) if card.sex else ""),
        (t("papers.illness_day"), "" if card.day is None else str(card.day)),
        (t("papers.severity"), _graded(card, "severity_grade", card.severity)),
        (t("papers.risk_class"), _graded(card, "risk_class", card.risk)),
        (t("papers.risk"), alert_words([*card.conditions, *card.groups])),
        (
            t("papers.pregnant"),
            "" if card.pregnant is None else t(f"codes.{'yes' if card.pregnant else 'no'}"),
        ),
        (t("papers.doses"), "" if card.doses is None else str(card.doses)),
    ]
    facts += [
        (t(f"fields.{field}"), f"{decimal(value)} · {show_moment(at)}")
        for field, value, at in card.measured()
    ]
    facts += [
        (t("papers.drug"), " ".join(filter(None, (one.item, decimal(one.quantity), one.unit))))
        for one in card.given
    ]
    for one in card.findings:
        unverified = "" if one.verified else t("rules.unverified")
        rule = f"{one.rule} ({one.rule_set}) {one.limit}"
        facts.append((t("referral.rule"), " · ".join(filter(None, (rule, unverified)))))
    facts += [
        (t("papers.reason"), card.reason),
        (t("papers.sent_from"), card.sent_from),
        (t("papers.sent_to"), card.sent_to),
        (t("papers.left_at"), show_moment(card.at)),
        (t("papers.sender"), card.made_by),
        (t("referral.left_out"), str(card.more) if card.more else ""),
    ]
    return [f"{label}: {value}" for label, value in facts if value]


def _graded(card: Any, field: str, code: str) -> str:
    """A grade or class, with that it rests on rules nobody checked."""
    word = code_word(field, code) if code else ""
    return " · ".join(filter(None, (word, t("rules.unverified") if field in card.unverified else "")))


def _text(given: str) -> str:
    """The card's text, or what stands in the file of that name. Raises BadFile."""
    if given.startswith("GN"):
        return given
    file = Path(given)
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("referral.not_a_card") from error


def _key(arguments: Arguments) -> int:
    """This laptop's public key, to be handed to those who receive its patients."""
    from tui_app.services.exchange import bundle_keys
    from tui_app.services.treatment import referral_card

    with common.unlocked(arguments) as workspace, workspace.store.write() as c:
        key = bundle_keys.ensure(c).signing_public
    fingerprint = referral_card.fingerprint(key)
    if arguments.json:
        put_json({"key": key, "fingerprint": fingerprint})
    else:
        put(f"{key}  {fingerprint}")
    return 0


def _said(arguments: Arguments, ident: str, key: str) -> int:
    if arguments.json:
        put_json({"referral": ident})
    else:
        say(key, id=ident)
    return 0
