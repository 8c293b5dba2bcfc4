"""server backup, restore: everything the server has in one file, and back; scrub: nothing of what was erased."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put_json, say
from tui_app.commands.server_common import finish, folder_of, now, opened
from tui_app.i18n import t


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    backup = actions.add_parser("backup", help=t("server.help_backup"))
    backup.add_argument("file", type=Path)
    backup.add_argument("--password-file", type=Path, metavar="FILE", help=t("server.help_seal"))
    common.add_json(backup)
    finish(backup, run_backup)

    scrubbed = actions.add_parser("scrub", help=t("server.help_scrub"))
    common.add_json(scrubbed)
    finish(scrubbed, run_scrub)

    restore = actions.add_parser("restore", help=t("server.help_restore"))
    restore.add_argument("file", type=Path)
    restore.add_argument("--password-file", type=Path, metavar="FILE", help=t("server.help_unseal"))
    restore.add_argument("--force", action="store_true", help=t("server.help_force"))
    common.add_json(restore)
    finish(restore, run_restore)


def run_backup(arguments: Arguments) -> int:
    """Write everything to one file while the server goes on."""
    from sync.server.backups import backup

    with opened(arguments) as database:
        info = backup(database, arguments.file, password=_password(arguments), now=now())
    if arguments.json:
        put_json(asdict(info))
        return 0
    say("server.backed_up", file=info.file, size=f"{info.size / 1e6:.1f}", records=info.rows["record"])
    if not info.sealed:
        say("server.backup_is_plain")
    return 0


def run_scrub(arguments: Arguments) -> int:
    """Write the database anew, so that nothing that was erased is left in it, however large it is. Exit 1 when somebody
    read on meanwhile."""
    from sync.server.scrubbing import scrub

    with opened(arguments) as database:
        done = scrub(database)
    if arguments.json:
        put_json({"scrubbed": done})
    else:
        say("server.scrubbed" if done else "server.scrub_later")
    return 0 if done else 1


def run_restore(arguments: Arguments) -> int:
    """Put a backup back; its history begins anew."""
    from sync.server import admin
    from sync.server.backups import check_backup
    from sync.server.restoring import restore
    from sync.server.scrubbing import clean_up
    from tui_app.records import REGISTRY

    password = _password(arguments)
    check_backup(arguments.file, password)  # before a folder is made for it
    database = admin.init(folder_of(arguments))
    try:
        done = restore(database, arguments.file, password=password, force=arguments.force, now=now())
        clean_up(database, REGISTRY)
    finally:
        database.close()
    if arguments.json:
        put_json(asdict(done))
        return 0
    rows = done.rows
    say(
        "server.restored",
        file=done.file,
        made=show_moment(done.made_at),
        areas=done.areas,
        records=rows["record"],
        ops=rows["op"],
        devices=rows["device"],
    )
    say("server.restored_history")
    if done.invites_ended:
        say("server.restored_invites", count=done.invites_ended)
    if done.kept_units:
        say("server.restored_units", count=done.kept_units)
    if done.erased_again:
        say("server.restored_erased", count=done.erased_again)
    if done.still_revoked or done.kept_devices:
        say("server.restored_devices", revoked=len(done.still_revoked), kept=len(done.kept_devices))
    else:
        say("server.restored_check_devices", made=show_moment(done.made_at))
    return 0


def _password(arguments: Arguments) -> str | None:
    return common.read_secret(arguments.password_file) if arguments.password_file else None
