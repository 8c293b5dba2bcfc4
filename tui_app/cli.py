"""The command line: reads arguments, calls a service, prints. Exit codes as in `tui_app.errors`; 2 is wrong usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from tui_app.clock import clock_from_environment
from tui_app.errors import GonhaError, UserError
from tui_app.i18n import set_language, t
from tui_app.settings import Places, home, read_settings


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    from tui_app.commands import (
        access,
        alerts,
        bundle,
        case,
        conflicts,
        contacts,
        coverage,
        demo,
        duplicates,
        erase,
        exchange,
        f0,
        importing,
        inbox,
        levels,
        medicine,
        observe,
        outbreak,
        overview,
        papers,
        receipts,
        referral,
        report,
        request,
        review,
        risk,
        roster,
        rules,
        scan,
        server,
        support,
        sweep,
        syncing,
        vaccination,
        visit,
        workspace,
    )

    top = argparse.ArgumentParser(prog="gonha", description=t("cli.description"), epilog=t("cli.epilog"))
    commands = top.add_subparsers(metavar="COMMAND")
    for module in (
        demo,
        workspace,
        importing,
        exchange,
        scan,
        visit,
        case,
        observe,
        alerts,
        f0,
        roster,
        overview,
        review,
        sweep,
        risk,
        support,
        contacts,
        vaccination,
        coverage,
        report,
        levels,
        medicine,
        referral,
        papers,
        outbreak,
        syncing,
        conflicts,
        duplicates,
        inbox,
        receipts,
        bundle,
        access,
        request,
        erase,
        rules,
        server,
    ):
        module.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Nothing of a person's data is in any message of an error."""
    os.umask(0o077)  # whatever a command writes is its owner's alone
    try:
        set_language(read_settings(Places(home()).settings).language)
        _check_clock()
        arguments = parser().parse_args(argv)
        if not hasattr(arguments, "run"):
            parser().print_help(sys.stderr)
            return 2
        return int(arguments.run(arguments))
    except GonhaError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        print(t("cli.interrupted"), file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001 - its text may quote a record: only its kind and place are told
        from tui_app.terminal import report_crash

        report_crash(error)
        return 1


def _check_clock() -> None:
    try:
        clock_from_environment()
    except ValueError as error:
        raise UserError("cli.bad_now", value=os.environ["GONHA_NOW"]) from error
