"""server page-user add, password, remove, list: who may read the district's pages."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.commands.server_common import finish, now, opened
from tui_app.i18n import t

if TYPE_CHECKING:
    from sync.server.pages.accounts import NewPassword


def add(actions: Any) -> None:
    """Declare the commands of this module."""
    users = actions.add_parser(
        "page-user", help=t("server.help_page_user"), description=t("server.about_page_user")
    ).add_subparsers(required=True, metavar="ACTION")
    new = users.add_parser("add", help=t("server.help_page_user_add"))
    new.add_argument("name", metavar="NAME")
    new.add_argument("--role", required=True, choices=("viewer", "chief"))
    new.add_argument("--areas", required=True, help=t("cli.help_areas"))
    _with_password(new)
    finish(new, run_add)
    password = users.add_parser("password", help=t("server.help_page_user_password"))
    password.add_argument("name", metavar="NAME")
    _with_password(password)
    finish(password, run_password)
    remove = users.add_parser("remove", help=t("server.help_page_user_remove"))
    remove.add_argument("name", metavar="NAME")
    common.add_json(remove)
    finish(remove, run_remove)
    listed = users.add_parser("list", help=t("server.help_page_user_list"))
    common.add_json(listed)
    finish(listed, run_list)


def run_add(arguments: Arguments) -> int:
    """A new reader; a password that was made up is shown once."""
    from sync.server.pages import accounts

    with opened(arguments) as database:
        made = accounts.add(
            database,
            arguments.name,
            arguments.role,
            arguments.areas,
            password=_password(arguments),
            now=now(),
        )
    return _tell(arguments, made, "server.page_user_added")


def run_password(arguments: Arguments) -> int:
    """Another password; open sessions end."""
    from sync.server.pages import accounts

    with opened(arguments) as database:
        made = accounts.new_password(database, arguments.name, password=_password(arguments), now=now())
    return _tell(arguments, made, "server.page_user_changed")


def run_remove(arguments: Arguments) -> int:
    """Nobody reads with this name any more."""
    from sync.server.pages import accounts

    with opened(arguments) as database:
        accounts.remove(database, arguments.name)
    if arguments.json:
        put_json({"removed": arguments.name})
    else:
        say("server.page_user_removed", user=arguments.name)
    return 0


def run_list(arguments: Arguments) -> int:
    """Every reader with what they may see."""
    from sync.server.pages import accounts

    with opened(arguments) as database:
        for user, places in accounts.page_users(database):
            if arguments.json:
                put_json({"name": user.name, "role": user.role, "areas": places, "changed": user.changed})
            else:
                put("\t".join((user.name, user.role, ", ".join(places), show_moment(user.changed))))
    return 0


def _with_password(parser: Any) -> None:
    parser.add_argument("--password-file", type=Path, metavar="FILE", help=t("server.help_page_password"))
    common.add_json(parser)


def _password(arguments: Arguments) -> str | None:
    return common.read_secret(arguments.password_file) if arguments.password_file else None


def _tell(arguments: Arguments, made: NewPassword, key: str) -> int:
    if arguments.json:
        put_json(asdict(made))
        return 0
    say(key, user=made.user)
    if made.password:
        put(t("server.page_user_password", password=made.password))
    return 0
