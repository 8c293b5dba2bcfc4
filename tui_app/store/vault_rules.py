"""What is allowed: names, passwords, roles, and who may add or remove whom. Nothing is read or written
here.
"""

from __future__ import annotations

import unicodedata

from tui_app.errors import UserError
from tui_app.store.vault_file import ROLES, Slot, Vault
from tui_app.text import clean

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
LONGEST_NAME = 64


def checked_name(user: str) -> str:
    """The name as it is kept: NFC, single spaces, 1–64 characters. Raises UserError."""
    name = clean(user)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UserError("vault.user_name", longest=LONGEST_NAME)
    return name


def check_role(role: str) -> None:
    """Raises UserError for a role other than member, chief, viewer."""
    if role not in ROLES:
        raise UserError("vault.role", role=role, allowed=", ".join(ROLES))


def check_password(password: str) -> None:
    """Raises UserError for fewer than 8 or more than 1024 characters, counted in NFC. Spaces count."""
    length = len(unicodedata.normalize("NFC", password))
    if length < SHORTEST_PASSWORD:
        raise UserError("vault.password_short", shortest=SHORTEST_PASSWORD)
    if length > LONGEST_PASSWORD:
        raise UserError("vault.password_long", longest=LONGEST_PASSWORD)


def known_slot(vault: Vault, user: str) -> Slot:
    """The slot of a user. Raises UserError for a name that is none, or is being removed."""
    name = clean(user)
    slot = vault.slot(name)
    if slot is None:
        raise UserError("vault.user_unknown", user=name)
    return slot


def check_may_manage(vault: Vault, by_role: str, role: str) -> None:
    """A chief manages everybody; a laptop without a chief is managed by its members, short of naming a chief.

    ``by_role``: of who asks; ``role``: of who is added or removed. Raises UserError.
    """
    has_chief = any(slot.role == "chief" for slot in vault.slots)
    if by_role == "chief" or (by_role == "member" and not has_chief and role != "chief"):
        return
    raise UserError("vault.chief_only")


def check_may_go(vault: Vault, by_user: str, slot: Slot) -> None:
    """Raises UserError for the only user, the only chief, and for somebody removing themselves."""
    if len(vault.slots) == 1:
        raise UserError("vault.last_user", user=slot.user)
    if slot.role == "chief" and sum(other.role == "chief" for other in vault.slots) == 1:
        raise UserError("vault.last_chief", user=slot.user)
    if slot.user == by_user:
        raise UserError("vault.remove_self", user=slot.user)
