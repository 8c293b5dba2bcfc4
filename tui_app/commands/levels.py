"""level, report level: how bad the epidemic is by each document, from what inputs; levels set and their history."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tui_app.clock import show_date, today
from tui_app.commands import common
from tui_app.commands.common import Arguments, day_of, put, put_json, say
from tui_app.errors import BadFile, UserError
from tui_app.i18n import t

SCALES = (
    "response_scenario",
    "epidemic_level",
    "commune_risk_colour",
    "epidemic_threshold",
    "care_capacity",
    "death_target",
)
"""As `tui_app.services.levels.judging.SCALES`, which need not be imported to read arguments."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    kinds = commands.add_parser("level", help=t("levels.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    show = _parser(kinds, "show", _show)
    show.add_argument("--scale", choices=SCALES, metavar="SCALE", help=_scales())
    show.add_argument("--rule-set", metavar="ID", default="", help=t("levels.help_rule_set"))
    show.add_argument("--date", metavar="D", help=t("vaccination.help_date"))
    keep = _parser(kinds, "keep", _keep)
    keep.add_argument("scale", choices=SCALES, metavar="SCALE", help=_scales())
    keep.add_argument("--rule-set", metavar="ID", default="", help=t("levels.help_rule_set"))
    keep.add_argument("--date", metavar="D", help=t("vaccination.help_date"))
    keep.add_argument("--reason", metavar="TEXT", default="", help=t("levels.help_reason"))
    publish = _parser(kinds, "publish", _publish)
    publish.add_argument("scale", choices=SCALES, metavar="SCALE", help=_scales())
    publish.add_argument("level", metavar="LEVEL", help=t("levels.help_level"))
    publish.add_argument("--source", metavar="TEXT", default="", help=t("levels.help_source"))
    publish.add_argument("--date", metavar="D", help=t("vaccination.help_date"))
    publish.add_argument("--reason", metavar="TEXT", default="", help=t("levels.help_reason"))
    typed = _parser(kinds, "set", _set)
    typed.add_argument("name", metavar="NAME", help=t("levels.help_name"))
    typed.add_argument("value", metavar="VALUE", help=t("levels.help_value"))
    typed.add_argument("--as-of", metavar="D", help=t("levels.help_as_of"))
    typed.add_argument("--source", metavar="TEXT", default="", help=t("levels.help_source"))
    history = _parser(kinds, "history", _history)
    history.add_argument("--scale", choices=SCALES, metavar="SCALE", help=_scales())
    records = _parser(kinds, "records", _records)
    records.add_argument("scale", choices=SCALES, metavar="SCALE", help=_scales())
    records.add_argument("name", metavar="NAME", help=t("levels.help_name"))
    records.add_argument("--date", metavar="D", help=t("vaccination.help_date"))
    baseline = _parser(kinds, "baseline", _baseline)
    which = baseline.add_mutually_exclusive_group()
    which.add_argument("--import", dest="file", type=Path, metavar="FILE", help=t("levels.help_import"))
    which.add_argument(
        "--add", nargs=4, metavar=("YEAR", "PERIOD", "NUMBER", "CASES"), help=t("levels.help_add")
    )
    baseline.add_argument("--epidemic", action="store_true", help=t("levels.help_epidemic"))
    baseline.add_argument("--source", metavar="TEXT", default="", help=t("levels.help_source"))


def add_report(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``report level``."""
    report = kinds.add_parser("level", help=t("levels.help_report"))
    report.add_argument("--date", metavar="D", help=t("vaccination.help_date"))
    report.add_argument("--out", type=Path, metavar="FILE", help=t("levels.help_out"))
    common.add_json(report)
    common.add_login(report)
    report.set_defaults(run=_report, scale=None, rule_set="")


def _parser(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Any
) -> argparse.ArgumentParser:
    parser = kinds.add_parser(name, help=t(f"levels.help_{name}"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _scales() -> str:
    return t("levels.help_scale", scales=", ".join(SCALES))


def _report(arguments: Arguments) -> int:
    """Every scale, on the screen or into a file."""
    if arguments.out is None:
        return _show(arguments)
    from tui_app.papers.levels_sheet import FORMATS, write_levels

    ending = arguments.out.suffix[1:].lower()
    if ending not in FORMATS:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(FORMATS))
    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        body = write_levels(workspace, day, ending)
    with common.output(arguments.out) as stream:
        stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out), "date": day.isoformat()})
    else:
        say("papers.written", file=str(arguments.out))
    return 0


def _show(arguments: Arguments) -> int:
    """Every scale, or one."""
    from tui_app.services.levels.judging import Judged, judge, judge_all
    from tui_app.services.levels.words import judged_json

    found: tuple[Judged, ...]
    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        with workspace.store.read() as c:
            if arguments.scale:
                found = (judge(c, day, arguments.scale, asked=arguments.rule_set),)
            else:
                found = judge_all(c, day)
    if arguments.json:
        put_json({"date": day.isoformat(), "levels": [judged_json(one) for one in found]})
        return 0
    for one in found:
        _print(one)
    return 0


def _print(found: Any) -> None:
    from tui_app.services.levels.words import lines

    for line in lines(found):
        put(line)


def _keep(arguments: Arguments) -> int:
    from tui_app.services.levels.keeping import keep_level

    with common.unlocked(arguments) as workspace:
        ident = keep_level(
            workspace.store,
            workspace.user,
            arguments.scale,
            day_of(arguments.date),
            arguments.reason,
            asked=arguments.rule_set,
        )
        _say_kept(workspace, ident, as_json=arguments.json)
    return 0


def _publish(arguments: Arguments) -> int:
    from tui_app.services.levels.keeping import publish_level

    with common.unlocked(arguments) as workspace:
        ident = publish_level(
            workspace.store,
            workspace.user,
            arguments.scale,
            arguments.level,
            arguments.source,
            day_of(arguments.date),
            arguments.reason,
        )
        _say_kept(workspace, ident, as_json=arguments.json)
    return 0


def _say_kept(workspace: Any, ident: str, *, as_json: bool) -> None:
    from tui_app.services.levels.history import kept_level
    from tui_app.services.levels.kept_words import kept_json, kept_words

    with workspace.store.read() as c:
        one = kept_level(c, ident)
    if as_json:
        put_json(kept_json(one))
    else:
        say("levels.kept", level=kept_words(one))


def _set(arguments: Arguments) -> int:
    from tui_app.services.levels.typed import keep_input

    with common.unlocked(arguments) as workspace:
        ident = keep_input(
            workspace.store,
            workspace.user,
            arguments.name,
            arguments.value,
            day_of(arguments.as_of),
            arguments.source,
        )
    if arguments.json:
        put_json({"id": ident})
    else:
        say("levels.typed")
    return 0


def _history(arguments: Arguments) -> int:
    from tui_app.services.levels.history import history
    from tui_app.services.levels.kept_words import change_json, kept_words
    from tui_app.services.levels.level_words import level_words, scale_words

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = history(c, arguments.scale or "", whole=arguments.json)
    for one in found:
        if arguments.json:
            put_json(change_json(one))
            continue
        was = f"{level_words(one.kept.scale, one.was)} → " if one.changed else ""
        put(f"{show_date(one.kept.day)}  {scale_words(one.kept.scale)}: {was}{kept_words(one.kept)}")
    if not found and not arguments.json:
        say("levels.no_history_yet")
    return 0


def _records(arguments: Arguments) -> int:
    """Ids only, so that nobody is named on a terminal."""
    from tui_app.services.levels.judging import judge
    from tui_app.services.levels.words import source_words

    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        with workspace.store.read() as c:
            inputs = {one.name: one for one in judge(c, day, arguments.scale).inputs}
    one = inputs.get(arguments.name)
    if one is None:
        raise UserError("levels.unknown_input", name=arguments.name, known=", ".join(inputs))
    if one.counted is None:
        raise UserError("levels.no_records", name=one.name, source=source_words(one))
    if arguments.json:
        put_json({"name": one.name, "type": one.counted.kind, "ids": list(one.counted.ids)})
        return 0
    for ident in one.counted.ids:
        put(ident)
    return 0


def _baseline(arguments: Arguments) -> int:
    from tui_app.services.levels.baselines import Baseline, baselines, keep_baselines, read_baselines

    with common.unlocked(arguments) as workspace:
        if arguments.file is not None or arguments.add:
            if arguments.file is not None:
                counts = read_baselines(_text(arguments.file), arguments.source)
            else:
                year, period, number, cases = arguments.add
                line = ",".join((year, period, number, cases, "x" if arguments.epidemic else ""))
                counts = read_baselines(f"year,period,number,cases,epidemic\n{line}\n", arguments.source)
            count = keep_baselines(workspace.store, workspace.user, counts)
            if arguments.json:
                put_json({"kept": count})
            else:
                say("levels.baselines_kept", count=count)
            return 0
        with workspace.store.read() as c:
            found: list[Baseline] = baselines(c)
    for one in found:
        if arguments.json:
            put_json({name: getattr(one, name) for name in Baseline.__slots__})
            continue
        said = t(
            "levels.baseline_line",
            year=one.year,
            period=t(f"levels.period_{one.period}"),
            number=one.number,
            cases=one.cases,
        )
        put(" · ".join(filter(None, (said, t("levels.epidemic_year") if one.epidemic else "", one.source))))
    if not found and not arguments.json:
        say("levels.no_baselines")
    return 0


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("cli.cannot_read", file=str(file), reason=type(error).__name__) from error
