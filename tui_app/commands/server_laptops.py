"""server invite, grant, withdraw, devices, forget-keys, revoke: which laptops belong to the team, and where they
work."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.commands.server_common import finish, moment, now, opened
from tui_app.i18n import t

if TYPE_CHECKING:
    from sync.server.admin import Device, Invite


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    invite = actions.add_parser("invite", help=t("cli.help_server_invite"))
    invite.add_argument("--user", required=True, metavar="NAME")
    invite.add_argument("--role", required=True, choices=("member", "chief", "viewer"))
    invite.add_argument("--areas", required=True, help=t("cli.help_areas"))
    invite.add_argument("--url", help=t("server.help_invite_url"))
    invite.add_argument(
        "--qr", action=argparse.BooleanOptionalAction, default=None, help=t("server.help_invite_qr")
    )
    common.add_json(invite)
    finish(invite, run_invite)

    grant = actions.add_parser("grant", help=t("server.help_grant"))
    grant.add_argument("device")
    grant.add_argument("--areas", required=True, help=t("cli.help_areas"))
    common.add_json(grant)
    finish(grant, run_grant)

    withdraw = actions.add_parser("withdraw", help=t("server.help_withdraw"))
    withdraw.add_argument("device")
    withdraw.add_argument("--areas", required=True, help=t("cli.help_areas"))
    withdraw.add_argument("--until", metavar="MOMENT", help=t("server.help_until"))
    common.add_json(withdraw)
    finish(withdraw, run_withdraw)

    devices = actions.add_parser("devices", help=t("cli.help_server_devices"))
    common.add_json(devices)
    finish(devices, run_devices)

    forget = actions.add_parser(
        "forget-keys", help=t("server.help_forget_keys"), description=t("server.about_forget_keys")
    )
    forget.add_argument("device")
    common.add_json(forget)
    finish(forget, run_forget_keys)

    revoke = actions.add_parser("revoke", help=t("cli.help_server_revoke"))
    revoke.add_argument("device")
    common.add_json(revoke)
    finish(revoke, run_revoke)


def run_invite(arguments: Arguments) -> int:
    """A one-time code, as words and as a QR."""
    from sync.server import admin

    with opened(arguments) as database:
        invite = admin.invite(database, arguments.user, arguments.role, arguments.areas, now=now())
    if arguments.json:
        put_json(asdict(invite))
        return 0
    put(t("cli.invited", user=invite.user, expires=show_moment(invite.expires), code=invite.code))
    at_terminal = sys.stdout.isatty()
    if arguments.qr or (arguments.qr is None and at_terminal):
        _draw(invite, arguments.url, colours=at_terminal)
    return 0


def _draw(invite: Invite, url: str | None, *, colours: bool) -> None:
    from tui_app.qr import as_text, join_link

    blocks = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    put(as_text(join_link(url, invite.code) if url else invite.code, blocks=blocks, colours=colours))


def run_grant(arguments: Arguments) -> int:
    """Give a laptop more units."""
    from sync.server.grants import grant

    with opened(arguments) as database:
        places = grant(database, arguments.device, arguments.areas, now=now())
    if arguments.json:
        put_json({"device": arguments.device, "granted": places})
    else:
        say("server.granted", device=arguments.device, places=", ".join(places))
    return 0


def run_withdraw(arguments: Arguments) -> int:
    """Hand units of a laptop to another team."""
    from sync.protocol import to_wire
    from sync.server.grants import withdraw

    until = moment(arguments.until) if arguments.until else now()
    with opened(arguments) as database:
        places = withdraw(database, arguments.device, arguments.areas, until=until, now=now())
    if arguments.json:
        put_json({"device": arguments.device, "withdrawn": places, "until": to_wire(until)})
    else:
        say("server.withdrawn", device=arguments.device, places=", ".join(places), until=show_moment(until))
    return 0


def run_devices(arguments: Arguments) -> int:
    """Every laptop that was ever enrolled."""
    from sync.server import admin

    with opened(arguments) as database:
        devices = admin.devices(database, now=now())
    for device in devices:
        if arguments.json:
            put_json(asdict(device))
        else:
            put(_line(device))
    return 0


def _line(device: Device) -> str:
    places = [
        t("server.place_until", place=place.place, until=show_moment(place.until))
        if place.until
        else place.place
        for place in device.places
    ]
    notes = []
    if device.parent:
        notes.append(t("server.copied_from", device=device.parent))
    if device.revoked:
        notes.append(t("server.revoked_at", moment=show_moment(device.revoked)))
    seen = t("server.seen_at", moment=show_moment(device.seen))
    return "\t".join((device.id, device.user, device.role, seen, ", ".join(places), "; ".join(notes)))


def run_forget_keys(arguments: Arguments) -> int:
    """Let a laptop that lost its keys for USB files tell new ones."""
    from sync.server.copies import forget_keys

    with opened(arguments) as database:
        had = forget_keys(database, arguments.device)
    if arguments.json:
        put_json({"device": arguments.device, "forgotten": had})
    else:
        say("server.keys_forgotten" if had else "server.keys_none", device=arguments.device)
    return 0


def run_revoke(arguments: Arguments) -> int:
    """Take a lost laptop out of service, with the copies of its disk."""
    from sync.server import admin

    with opened(arguments) as database:
        revoked = admin.revoke(database, arguments.device, now=now())
    if arguments.json:
        put_json({"device": arguments.device, "revoked": revoked})
        return 0
    for device in revoked:
        say("cli.revoked", device=device)
    if not revoked:
        say("server.revoked_before", device=arguments.device)
    say("server.after_revoke", device=arguments.device)
    return 0
