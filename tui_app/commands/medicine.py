"""medicine: what patients are given; stock: what the station has of it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date, show_moment, today
from tui_app.commands import common
from tui_app.commands.care_arguments import day_of, moment_of, whole_id, yes_no_of
from tui_app.commands.common import Arguments, put, put_json, say, tell
from tui_app.errors import UserError
from tui_app.i18n import language, t
from tui_app.text import decimal

if TYPE_CHECKING:
    from tui_app.rules.findings import Finding
    from tui_app.services.treatment.stock import Stock


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    medicine = commands.add_parser("medicine", help=t("medicine.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    give = _action(medicine, "give", _give)
    give.add_argument("case", metavar="CASE")
    give.add_argument("item", metavar="ITEM", help=t("medicine.help_item"))
    give.add_argument("--quantity", metavar="N", default="1")
    give.add_argument("--unit", metavar="UNIT", default="")
    give.add_argument("--days", metavar="N", type=int, help=t("medicine.help_days"))
    give.add_argument("--lot", metavar="LOT", default="")
    give.add_argument("--prescribed-by", metavar="NAME", default="")
    give.add_argument("--breastfeeding", choices=("yes", "no"))
    give.add_argument("--cautions", metavar="CODES", help=t("medicine.help_cautions"))
    give.add_argument("--reason", metavar="TEXT", default="", help=t("medicine.help_reason"))
    give.add_argument("--at", metavar="MOMENT")
    give.add_argument("--not-from-stock", action="store_true", help=t("medicine.help_not_from_stock"))
    give.add_argument("--note", metavar="TEXT", default="")
    back = _action(medicine, "take-back", _take_back)
    back.add_argument("dispense", metavar="ID")
    back.add_argument("--reason", metavar="TEXT", default="")
    listed = _action(medicine, "list", _list)
    listed.add_argument("case", metavar="CASE")
    items = _action(medicine, "items", _items)
    items.add_argument("--date", metavar="D")
    stock = commands.add_parser("stock", help=t("medicine.help_stock")).add_subparsers(
        metavar="ACTION", required=True
    )
    _action(stock, "list", _stock_list)
    low = _action(stock, "low", _stock_low)
    low.add_argument("--days", metavar="N", type=int, default=30, help=t("medicine.help_expiring"))
    keep = _moving(stock, "keep", _keep)
    keep.add_argument("--unit", metavar="UNIT", default="")
    keep.add_argument("--low-at", metavar="N", help=t("medicine.help_low_at"))
    receive = _moving(stock, "receive", _receive, quantity=True)
    receive.add_argument("--expires-on", metavar="D")
    for name, run in (("return", _return), ("spoil", _spoil), ("count", _count)):
        _moving(stock, name, run, quantity=True)


def _action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=t("medicine.help_" + name.replace("-", "_"))
    )
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _moving(actions: Any, name: str, run: Any, *, quantity: bool = False) -> argparse.ArgumentParser:
    parser = _action(actions, name, run)
    parser.add_argument("item", metavar="ITEM", help=t("medicine.help_item"))
    if quantity:
        parser.add_argument("quantity", metavar="N")
        parser.add_argument("--lot", metavar="LOT", default="")
        parser.add_argument("--note", metavar="TEXT", default="")
    return parser


def _give(arguments: Arguments) -> int:
    """Give a kit or drug; what the rules warn of is shown, and going on needs a reason."""
    from tui_app.services.treatment import medicine

    cautions = arguments.cautions
    giving = medicine.Giving(
        item=arguments.item,
        quantity=_number(arguments.quantity),
        unit=arguments.unit,
        days=arguments.days,
        lot=arguments.lot,
        prescribed_by=arguments.prescribed_by,
        note=arguments.note,
        breastfeeding=yes_no_of(arguments.breastfeeding),
        cautions=None if cautions is None else frozenset(filter(None, map(str.strip, cautions.split(",")))),
        from_stock=not arguments.not_from_stock,
    )
    at = moment_of(arguments.at)
    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        try:
            saved = medicine.give(
                workspace.store, workspace.user, case, giving, reason=arguments.reason, at=at
            )
        except medicine.Flagged as refused:
            _warn(workspace, refused.flags)
            raise
        _warn(workspace, saved.flags)
    if saved.left is not None and saved.left.off:
        say("medicine.stock_off", item=saved.left.item, left=decimal(saved.left.on_hand))
    if arguments.json:
        left = None if saved.left is None else saved.left.on_hand
        put_json({"dispense": saved.dispense, "flags": [one.kept() for one in saved.flags], "left": left})
    else:
        say("medicine.given", item=arguments.item, id=saved.dispense)
    return 0


def _take_back(arguments: Arguments) -> int:
    from tui_app.services.treatment import medicine

    with common.unlocked(arguments) as workspace:
        dispense = whole_id(workspace, "dispense", arguments.dispense)
        ident = medicine.take_back(workspace.store, workspace.user, dispense, arguments.reason)
    if arguments.json:
        put_json({"dispense": ident, "amends": dispense})
    else:
        say("medicine.taken_back")
    return 0


def _list(arguments: Arguments) -> int:
    from tui_app.services.treatment import medicine

    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        with workspace.store.read() as c:
            found = medicine.given(c, case)
    for one in found:
        if arguments.json:
            put_json(asdict(one) | {"flags": [flag.kept() for flag in one.flags]})
            continue
        amount = " ".join(filter(None, (decimal(one.quantity or 0), one.unit)))
        cells = (show_moment(one.at), one.words, amount, one.prescribed_by, one.id)
        put("  ".join(filter(None, cells)))
    if not found and not arguments.json:
        say("medicine.none_given")
    return 0


def _items(arguments: Arguments) -> int:
    from tui_app.services.treatment import medicine

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = medicine.known_items(c, day_of(arguments.date) or today(workspace.clock))
    for one in found:
        words = one.words[language()]
        if arguments.json:
            line = {"item": one.code, "words": words, "kind": one.kind}
            put_json(line | {"rule_set": one.rule_set, "verified": one.verified})
        else:
            put("  ".join(filter(None, (one.code, words, "" if one.verified else t("rules.unverified")))))
    return 0


def _warn(workspace: Any, flags: tuple[Finding, ...]) -> None:
    from tui_app.services.judging.rule_sets import rule_sets
    from tui_app.services.treatment.medicine import flags_words

    with workspace.store.read() as c:
        sets = rule_sets(c)
    for words in flags_words(sets, flags):
        tell(f"! {words}")


def _stock_list(arguments: Arguments) -> int:
    from tui_app.services.treatment import stock

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = stock.stock(c)
    return _print_stock(found, arguments.json)


def _stock_low(arguments: Arguments) -> int:
    """What runs low or cannot be right, and lots that run out of date: exit 4 when there is any."""
    from tui_app.services.treatment import stock

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = stock.low(c)
        expiring = stock.expiring(c, today(workspace.clock), arguments.days)
    _print_stock(found, arguments.json)
    for one, lot in expiring:
        if arguments.json:
            put_json({"item": one.item, **asdict(lot)})
        else:
            left = f"{decimal(lot.on_hand)} {one.unit}".strip()
            put(t("medicine.expiring", item=one.item, lot=lot.lot, left=left, date=show_date(lot.expires_on)))
    return 4 if found or expiring else 0


def _print_stock(found: list[Stock], as_json: bool) -> int:
    for one in found:
        if as_json:
            put_json(asdict(one) | {"off": one.off, "low": one.low})
            continue
        state = t("medicine.off") if one.off else t("medicine.low") if one.low else ""
        state = state if one.known else t("medicine.only_ours")
        put("  ".join(filter(None, (one.item, f"{decimal(one.on_hand)} {one.unit}".strip(), state))))
        for lot in one.lots:
            name = lot.lot or t("medicine.no_lot")
            until = show_date(lot.expires_on) if lot.expires_on else ""
            off = t("medicine.off") if lot.lot and lot.on_hand < 0 else ""
            put("    " + "  ".join(filter(None, (name, decimal(lot.on_hand), until, off))))
    if not found and not as_json:
        say("medicine.no_stock")
    return 0


def _keep(arguments: Arguments) -> int:
    from tui_app.services.treatment import stock

    low_at = None if arguments.low_at is None else _number(arguments.low_at)
    with common.unlocked(arguments) as workspace:
        ident = stock.keep_item(
            workspace.store, workspace.user, arguments.item, unit=arguments.unit, low_at=low_at
        )
    return _moved(arguments, ident)


def _receive(arguments: Arguments) -> int:
    from tui_app.services.treatment import stock

    return _move(arguments, stock.receive, expires_on=day_of(arguments.expires_on))


def _return(arguments: Arguments) -> int:
    from tui_app.services.treatment import stock

    return _move(arguments, stock.send_back)


def _spoil(arguments: Arguments) -> int:
    from tui_app.services.treatment import stock

    return _move(arguments, stock.spoil)


def _move(arguments: Arguments, move: Any, **more: Any) -> int:
    with common.unlocked(arguments) as workspace:
        ident = move(
            workspace.store,
            workspace.user,
            arguments.item,
            _number(arguments.quantity),
            lot=arguments.lot,
            note=arguments.note,
            **more,
        )
    return _moved(arguments, ident)


def _moved(arguments: Arguments, ident: str) -> int:
    if arguments.json:
        put_json({"id": ident, "item": arguments.item})
    else:
        say("medicine.noted", item=arguments.item)
    return 0


def _count(arguments: Arguments) -> int:
    from tui_app.services.treatment import stock

    with common.unlocked(arguments) as workspace:
        found = _number(arguments.quantity)
        difference = stock.count(
            workspace.store, workspace.user, arguments.item, found, lot=arguments.lot, note=arguments.note
        )
    if arguments.json:
        put_json({"item": arguments.item, "found": found, "difference": difference})
    else:
        say("medicine.counted", item=arguments.item, found=decimal(found), difference=decimal(difference))
    return 0


def _number(text: str) -> float:
    """A quantity as people write it. Raises UserError."""
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise UserError("medicine.bad_number", value=text) from error
