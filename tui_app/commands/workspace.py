"""init, join, user, backup, restore, doctor: the workspace itself."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import NotFound, UserError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    init = commands.add_parser("init", help=t("cli.help_init"))
    where = init.add_mutually_exclusive_group(required=True)
    where.add_argument("--local", action="store_true", help=t("cli.help_local"))
    where.add_argument("--server", metavar="URL", help=t("cli.help_server_url"))
    init.add_argument("--commune", metavar="NAME", default="", help=t("cli.help_commune"))
    init.add_argument("--code", help=t("cli.help_code"))
    _finish(init, run_init)

    join = commands.add_parser("join", help=t("cli.help_join"))
    join.add_argument("--server", metavar="URL", required=True, help=t("cli.help_server_url"))
    join.add_argument("--code", required=True, help=t("cli.help_code"))
    join.add_argument("--area", metavar="UNIT", help=t("cli.help_join_area"))
    _finish(join, run_join)

    users = commands.add_parser("user", help=t("cli.help_users")).add_subparsers(
        required=True, metavar="ACTION"
    )
    new = users.add_parser("add", help=t("cli.help_user_add"))
    new.add_argument("name")
    new.add_argument("--role", choices=("member", "chief", "viewer"), default="member")
    new.add_argument("--new-password-file", type=Path, metavar="FILE")
    _finish(new, run_user_add)
    remove = users.add_parser("remove", help=t("cli.help_user_remove"))
    remove.add_argument("name")
    _finish(remove, run_user_remove)
    change = users.add_parser("password", help=t("cli.help_user_password"))
    change.add_argument("--new-password-file", type=Path, metavar="FILE")
    change.add_argument("--recovery-code-file", type=Path, metavar="FILE", help=t("cli.help_recovery"))
    _finish(change, run_user_password)
    for name, may in (("allow", True), ("deny", False)):
        permit = users.add_parser(name, help=t(f"risk.help_{name}"))
        permit.add_argument("name")
        permit.set_defaults(may=may)
        _finish(permit, run_user_permit)
    listed = users.add_parser("list", help=t("cli.help_user_list"))
    common.add_json(listed)
    listed.set_defaults(run=run_user_list)

    backup = commands.add_parser("backup", help=t("cli.help_backup"))
    backup.add_argument("file", type=Path)
    _finish(backup, run_backup)
    restore = commands.add_parser("restore", help=t("cli.help_restore"))
    restore.add_argument("file", type=Path)
    restore.set_defaults(run=run_restore)
    doctor = commands.add_parser("doctor", help=t("cli.help_doctor"))
    common.add_json(doctor)
    doctor.add_argument("--repair", action="store_true", help=t("cli.help_doctor_repair"))
    _finish(doctor, run_doctor)


def _finish(parser: argparse.ArgumentParser, run: object) -> None:
    common.add_login(parser)
    parser.set_defaults(run=run)


def run_init(arguments: Arguments) -> int:
    """A new workspace and its first user."""
    from tui_app.services.station import setup

    if not arguments.user:
        raise UserError("cli.init_needs_user")
    password = common.password(arguments, new=True)
    if arguments.local:
        workspace, code = setup.init_local(
            common.places(),
            commune=arguments.commune or t("cli.my_commune"),
            user=arguments.user,
            password=password,
        )
    else:
        if not arguments.code:
            raise UserError("cli.init_needs_code")
        workspace, code = setup.init_server(
            common.places(),
            server=arguments.server,
            code=arguments.code,
            user=arguments.user,
            password=password,
        )
    workspace.close()
    say("cli.created", home=common.places().home, user=arguments.user)
    say("cli.recovery_code", code=code)
    return 0


def run_join(arguments: Arguments) -> int:
    """A local workspace finds its server."""
    from tui_app.services.station import setup

    with common.unlocked(arguments) as workspace:
        waiting = setup.join(workspace, server=arguments.server, code=arguments.code, unit=arguments.area)
    say("cli.joined", waiting=waiting)
    return 0


def run_user_add(arguments: Arguments) -> int:
    """Another user of this laptop."""
    from tui_app.store import vault

    with common.unlocked(arguments) as workspace:
        vault.add_user(
            workspace.places, workspace.opened, arguments.name, _new_password(arguments), arguments.role
        )
    say("cli.user_added", user=arguments.name)
    return 0


def run_user_remove(arguments: Arguments) -> int:
    """A user leaves, with what only they might see; the database gets a new key."""
    from tui_app.services.access import restricted
    from tui_app.store import vault

    with common.unlocked(arguments) as workspace:
        restricted.forget(workspace.store, workspace.user, arguments.name)
        workspace.close()  # nobody may have the file open while it is re-keyed
        vault.remove_user(workspace.places, workspace.opened, arguments.name)
    say("cli.user_removed", user=arguments.name)
    return 0


def run_user_password(arguments: Arguments) -> int:
    """A new password, by the old one or by the recovery code."""
    from tui_app.store import vault

    who = common.user(arguments)
    if arguments.recovery_code_file:
        code = common.read_secret(arguments.recovery_code_file)
        vault.recover(common.places(), code, who, _new_password(arguments))
    else:
        vault.change_password(common.places(), who, common.password(arguments), _new_password(arguments))
    say("cli.password_changed", user=who)
    return 0


def run_user_permit(arguments: Arguments) -> int:
    """Let a user see restricted conditions, or no longer."""
    from tui_app.services.access import restricted
    from tui_app.store import vault

    with common.unlocked(arguments) as workspace:
        known = [one.name for one in vault.users(workspace.places)]
        if arguments.name not in known:
            raise NotFound("cli.no_such_user", user=arguments.name, users=", ".join(known))
        restricted.permit(workspace.store, workspace.user, arguments.name, may=arguments.may)
    say("risk.allowed" if arguments.may else "risk.denied", user=arguments.name)
    return 0


def run_user_list(arguments: Arguments) -> int:
    """Who can unlock this workspace."""
    from tui_app.store import vault

    users = vault.users(common.places())
    for u in users:
        if arguments.json:
            put_json({"user": u.name, "role": u.role})
        else:
            put(f"{u.name}\t{u.role}")
    return 0


def run_backup(arguments: Arguments) -> int:
    """One file with everything, still encrypted."""
    from tui_app.store import safety

    with common.unlocked(arguments) as workspace:
        safety.backup(workspace.places, workspace.opened.data_key, arguments.file)
    say("cli.backed_up", file=arguments.file)
    return 0


def run_restore(arguments: Arguments) -> int:
    """The workspace as a backup has it; the present one is kept aside."""
    from tui_app.store.restore import restore

    aside = restore(arguments.file, common.places())
    say("cli.restored", file=arguments.file)
    if aside is not None:
        say("cli.kept_aside", folder=aside)
    return 0


def run_doctor(arguments: Arguments) -> int:
    """Look at everything; with a password also inside the database. Exit 1 when something is bad.

    ``--repair`` replaces a damaged database by what can be read of it over the newest safety copy, and counts anew
    the sums that sync compares.
    """
    from tui_app.clock import clock_from_environment
    from tui_app.store import doctor, vault

    places, opened = common.places(), None
    if arguments.user or arguments.password_file or arguments.repair:
        # the vault alone: a damaged database must not keep its doctor out
        user, password = common.user(arguments), common.password(arguments)
        opened = vault.unlock(places, user, password, clock_from_environment())
    findings = doctor.examine(places, opened)
    if arguments.repair and opened is not None and any(map(doctor.is_damage, findings)):
        findings = [*doctor.repair(places, opened), *doctor.examine(places, opened)]
    if arguments.repair and opened is not None and any(map(doctor.is_wrong_sum, findings)):
        done = doctor.recount(places, opened)
        findings = [*done, *(finding for finding in findings if not doctor.is_wrong_sum(finding))]
    for f in findings:
        if arguments.json:
            put_json({"level": f.level, "key": f.key, "text": str(f)})
        else:
            put(f"{t('cli.doctor_' + f.level):<5} {f}")
    return 1 if any(f.level == "bad" for f in findings) else 0


def _new_password(arguments: Arguments) -> str:
    if arguments.new_password_file is not None:
        return common.read_secret(arguments.new_password_file)
    first = common.prompt("cli.ask_new_password")
    if common.prompt("cli.ask_again") != first:
        raise UserError("cli.passwords_differ")
    return first
