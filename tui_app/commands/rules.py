"""rules …: the rule sets that judge, a judgement of readings from a file, and sets taken from a file or the server."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import clock_from_environment, show_date, today
from tui_app.commands import common, rules_words
from tui_app.commands.common import Arguments, put, put_json, say, tell
from tui_app.errors import BadFile, NotFound
from tui_app.i18n import language, t

if TYPE_CHECKING:
    from tui_app.rules.rule_set import RuleSets


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("rules", help=t("rules.help")).add_subparsers(
        required=True, metavar="ACTION"
    )
    listed = actions.add_parser("list", help=t("rules.help_list"))
    listed.set_defaults(run=run_list)
    show = actions.add_parser("show", help=t("rules.help_show"))
    show.add_argument("id", metavar="ID")
    show.add_argument("--toml", action="store_true", help=t("rules.help_toml"))
    show.set_defaults(run=run_show)
    judge = actions.add_parser("judge", help=t("rules.help_judge"))
    judge.add_argument("file", metavar="FILE", help=t("rules.help_judge_file"))
    judge.add_argument("--rule-set", metavar="ID", help=t("rules.help_rule_set"))
    judge.set_defaults(run=run_judge)
    install = actions.add_parser("install", help=t("rules.help_install"))
    install.add_argument("file", metavar="FILE|ID", help=t("rules.help_install_file"))
    install.add_argument("--yes", action="store_true", help=t("rules.help_yes"))
    install.set_defaults(run=run_install)
    undo = actions.add_parser("undo", help=t("rules.help_undo"))
    undo.add_argument("id", metavar="ID")
    undo.set_defaults(run=run_undo)
    for parser in (listed, show, judge, install, undo):
        common.add_json(parser)
        common.add_login(parser)


@contextmanager
def _connection(arguments: Arguments) -> Iterator[Any]:
    """The workspace's database when somebody logs in, else None: the program's own sets need no workspace."""
    if not arguments.user and arguments.password_file is None:
        if common.places().database.exists():
            say("rules.own_sets_only")
        yield None
        return
    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        yield c


def run_list(arguments: Arguments) -> int:
    """All sets, and what the server offers."""
    from tui_app.services.judging.rule_offers import entries, unusable

    with _connection(arguments) as c:
        found = entries(c, today(clock_from_environment()))
        left_out = [] if c is None else unusable(c)
    for entry in found:
        if arguments.json:
            put_json(asdict(entry))
        else:
            put(rules_words.entry_line(entry))
    for ident in left_out:
        say("rules.unusable", id=ident)
    return 4 if left_out else 0


def run_show(arguments: Arguments) -> int:
    """One set with its words, limits, sources and how sure each line is."""
    from tui_app.rules.rule_set import shown
    from tui_app.services.judging.rule_sets import rule_sets, text_of

    with _connection(arguments) as c:
        one = rule_sets(c).get(arguments.id)
        text = text_of(c, one.id)
    if arguments.toml:
        put(text.rstrip("\n"))
        return 0
    if arguments.json:
        put_json(shown(one))
        return 0
    for line in rules_words.set_lines(one):
        put(line)
    return 0


def run_judge(arguments: Arguments) -> int:
    """Judge a line of JSON at a time; a line that cannot be read is told and the next one goes on."""
    from tui_app.services.judging.rule_sets import rule_sets

    with _connection(arguments) as c:
        sets = rule_sets(c)
    if arguments.rule_set:
        sets.get(arguments.rule_set)  # before any line is judged
    judged = bad = 0
    for number, line in _lines(arguments.file):
        good = _judge_line(arguments, sets, number, line)
        judged += good
        bad += not good
    if not judged and not bad:
        raise BadFile("rules.nothing_to_judge", file=arguments.file)
    if bad:
        say("rules.lines_refused", bad=bad, judged=judged)
    return 0 if not bad else 4 if judged else 1


def _judge_line(arguments: Arguments, sets: RuleSets, number: int, line: bytes) -> bool:
    from tui_app.rules.line_judging import judge_line
    from tui_app.rules.reading_lines import read_line

    read = read_line(line, sets.words)
    if read.reading is None:
        error = "; ".join(str(problem) for problem in read.problems)
        if arguments.json:
            put_json({"line": number, "error": error})
        tell(t("rules.bad_line", line=number, problem=error))
        return False
    judgement, ending = judge_line(read.reading, read.case, sets, only=arguments.rule_set)
    if arguments.json:
        answer = rules_words.judgement_json(number, judgement, read.ignored, sets)
        put_json(answer | rules_words.release_json(ending))
    else:
        for text in rules_words.judgement_lines(number, judgement, read.ignored, sets):
            put(text)
        for text in rules_words.release_lines(ending, sets):
            put(text)
    return True


def _lines(file: str) -> Iterator[tuple[int, bytes]]:
    """The lines that say something, with their numbers. ``-``: standard input."""
    import sys

    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadFile("cli.cannot_read", file=file, reason=type(error).__name__) from error
    for number, line in enumerate(text.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if line.strip():
            yield number, line


def run_install(arguments: Arguments) -> int:
    """Show who would be judged otherwise, ask, and judge by the set from now on."""
    from tui_app.services.judging import rule_offers
    from tui_app.services.judging.rule_preview import preview_install

    with common.unlocked(arguments) as workspace:
        store = workspace.store
        with store.read() as c:
            rule_offers.check_chief(c)
            text, source = _text(c, arguments.file)
            preview = preview_install(c, text, store.clock())
        if not arguments.json or not arguments.yes:
            for line in rules_words.preview_lines(preview, language()):
                tell(line)
        if not arguments.yes and not _agreed():
            say("rules.not_agreed")
            return 1
        rule_offers.install(store, workspace.user, text, source)
    if arguments.json:
        put_json(rules_words.preview_json(preview) | {"installed": preview.rule_set})
    else:
        say("rules.installed", id=preview.rule_set, day=show_date(preview.from_day))
    return 0


def _text(c: Any, file: str) -> tuple[str, str]:
    """The text of a file, or of a set the server offers, and where it comes from."""
    from tui_app.services.judging import rule_offers

    path = Path(file)
    if path.is_file():
        try:
            return path.read_text(encoding="utf-8-sig"), path.name
        except (OSError, UnicodeDecodeError) as error:
            raise BadFile("cli.cannot_read", file=file, reason=type(error).__name__) from error
    try:
        return rule_offers.offered(c, file).text, rule_offers.SERVER
    except NotFound as error:
        if error.key == "rules.no_offer" and path.suffix:
            raise BadFile("cli.cannot_read", file=file, reason="FileNotFoundError") from error
        raise


def _agreed() -> bool:
    import sys

    if not sys.stdin.isatty():
        raise NotFound("rules.needs_yes")
    print(t("rules.ask"), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("c", "có", "co", "y", "yes")


def run_undo(arguments: Arguments) -> int:
    """Judge without an installed set again; what it judged meanwhile stays."""
    from tui_app.services.judging import rule_offers

    with common.unlocked(arguments) as workspace:
        rule_offers.undo(workspace.store, workspace.user, arguments.id)
    if arguments.json:
        put_json({"undone": arguments.id})
    else:
        say("rules.undone", id=arguments.id)
    return 0
