"""Looking a workspace over: what is sound, what deserves attention, what is broken.

`examine` changes nothing; `repair` puts a sound database in the place of a damaged one, and `recount` right sums in
the place of wrong ones.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sync import digests
from tui_app.clock import Clock, show_moment, system_clock
from tui_app.errors import GonhaError, VaultError
from tui_app.settings import Places, read_settings
from tui_app.store import cipher, restore, safety, vault_file
from tui_app.store.rows import RecordRows
from tui_app.store.vault import Opened

Level = Literal["ok", "warn", "bad"]
MEGABYTE = 1_000_000
SCARCE = 500 * MEGABYTE  # a copy of a large ward's database, twice over, has room above this
FULL = 50 * MEGABYTE


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``key`` and ``params`` are words of the catalogue; no personal data."""

    level: Level
    key: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        from tui_app.i18n import t

        return t(self.key, **self.params)


def examine(places: Places, opened: Opened | None = None, clock: Clock = system_clock) -> list[Finding]:
    """All findings, the vault's first.

    With ``opened`` the database is read through, which takes seconds per 100 MB.
    """
    if not places.home.is_dir():
        return [Finding("bad", "vault.doctor_no_home", {"folder": str(places.home)})]
    findings = [
        *_vault(places, clock()),
        *_database(places, opened),
        *_rights(places),
        *_settings(places),
        *_room(places),
        *_copies(places),
    ]
    return findings


def is_damage(finding: Finding) -> bool:
    """Whether a finding is what `repair` is for: pages of the database that cannot be read."""
    return finding.key in ("vault.doctor_database_damaged", "vault.database_damaged")


def repair(places: Places, opened: Opened, clock: Clock = system_clock) -> list[Finding]:
    """Replace a damaged database by what can be read of it over the newest safety copy; says what came of it.

    Raises as `tui_app.store.healing.heal`.
    """
    from tui_app.store.healing import heal

    healed = heal(places, opened, clock)
    params = {"rows": sum(healed.rows.values()), "waiting": healed.waiting, "folder": healed.kept}
    findings = [Finding("ok", "vault.doctor_healed", params)]
    if healed.copy:
        findings.append(Finding("ok", "vault.doctor_healed_copy", {"file": healed.copy}))
    if healed.gaps:
        tables = ", ".join(sorted(healed.gaps))
        findings.append(Finding("warn", "vault.doctor_healed_gaps", {"tables": tables}))
    return findings


def is_wrong_sum(finding: Finding) -> bool:
    """Whether a finding is what `recount` is for: an area whose kept digest is not what its rows add up to."""
    return finding.key == "vault.doctor_digests_wrong"


def recount(places: Places, opened: Opened) -> list[Finding]:
    """Keep what the rows of each area add up to: the next sync compares it with the server and fetches what is missing.

    Raises as `tui_app.store.cipher.open_database`.
    """
    connection = cipher.open_database(places.database, opened.data_key)
    try:
        connection.execute("BEGIN IMMEDIATE")
        names = _units(connection, digests.recount(connection, RecordRows()))
        connection.execute("COMMIT")
    finally:
        connection.close()
    return [Finding("ok", "vault.doctor_recounted", {"units": ", ".join(names)})]


def _vault(places: Places, now: datetime) -> list[Finding]:
    findings: list[Finding] = []
    if (places.home / restore.READY).is_dir():
        findings.append(Finding("warn", "vault.doctor_restore_waits"))
    try:
        vault = vault_file.read(places.vault)
    except VaultError as error:
        findings.append(Finding("bad", error.key, error.params))
        if _readable(places.vault_copy):
            params = {"file": places.vault.name, "copy": places.vault_copy.name}
            findings.append(Finding("warn", "vault.doctor_copy_helps", params))
        return findings
    findings.append(Finding("ok", "vault.doctor_vault", {"users": len(vault.slots)}))
    if vault.pending:
        findings.append(Finding("warn", "vault.doctor_rekey_waits"))
    if not _readable(places.vault_copy):
        findings.append(Finding("warn", "vault.doctor_copy_missing", {"copy": places.vault_copy.name}))
    if now < vault.created_at - timedelta(days=1):
        params = {"now": show_moment(now), "made": show_moment(vault.created_at)}
        findings.append(Finding("bad", "vault.doctor_clock_behind", params))
    else:
        findings.append(Finding("ok", "vault.doctor_clock", {"now": show_moment(now)}))
    return findings


def _database(places: Places, opened: Opened | None) -> list[Finding]:
    if not places.database.exists():
        return [Finding("bad", "vault.database_missing", {"file": places.database.name})]
    if opened is None:
        return [Finding("warn", "vault.doctor_database_not_read")]
    log = places.database.with_name(places.database.name + "-wal")
    waiting = log.stat().st_size if log.exists() else 0
    try:
        connection = cipher.open_database(places.database, opened.data_key)
        try:
            wrong = cipher.damage(connection)
            sums = [] if wrong else _sums(connection)
        finally:
            connection.close()
    except GonhaError as error:
        return [Finding("bad", error.key, error.params)]
    if wrong:
        return [Finding("bad", "vault.doctor_database_damaged", {"count": len(wrong), "first": wrong[0]})]
    size = round(places.database.stat().st_size / MEGABYTE, 1)
    findings = [Finding("ok", "vault.doctor_database", {"megabytes": size}), *sums]
    if waiting > 64 * MEGABYTE:
        findings.append(Finding("warn", "vault.doctor_log_long", {"megabytes": round(waiting / MEGABYTE)}))
    return findings


def _sums(connection: cipher.Connection) -> list[Finding]:
    """Whether the digest kept of each area is what its rows add up to; an older database keeps none."""
    if "digest" not in {column[1] for column in connection.execute("PRAGMA table_info(cursor)")}:
        return []
    kept = connection.execute("SELECT area, digest FROM cursor WHERE digest IS NOT NULL").fetchall()
    wrong = [area for area, digest in kept if digests.counted(connection, RecordRows(), area) != digest]
    if wrong:
        params = {"units": ", ".join(_units(connection, wrong))}
        return [Finding("warn", "vault.doctor_digests_wrong", params)]
    return [Finding("ok", "vault.doctor_digests", {"count": len(kept)})] if kept else []


def _units(connection: cipher.Connection, areas: list[str]) -> list[str]:
    """What areas are called, or their ids where that is not known."""
    names = dict(connection.execute("SELECT id, unit_name FROM area").fetchall())
    return [names.get(area) or area for area in areas]


def _rights(places: Places) -> list[Finding]:
    if os.name == "nt":  # the profile folder's access list does it there
        return []
    private = (places.home, places.vault, places.vault_copy, places.database, places.backups)
    files = [path for path in private if path.exists()]
    open_ones = [path.name for path in files if path.stat().st_mode & 0o077]
    if open_ones:
        return [Finding("warn", "vault.doctor_rights", {"files": ", ".join(open_ones)})]
    return [Finding("ok", "vault.doctor_rights_ok")]


def _settings(places: Places) -> list[Finding]:
    try:
        settings = read_settings(places.settings)
    except GonhaError as error:
        return [Finding("bad", error.key, error.params)]
    if settings.unknown:
        names = ", ".join(sorted(settings.unknown))
        return [Finding("warn", "vault.doctor_settings_unknown", {"names": names})]
    return []


def _room(places: Places) -> list[Finding]:
    free = shutil.disk_usage(places.home).free
    size = places.database.stat().st_size if places.database.exists() else 0
    level: Level = "bad" if free < FULL else "warn" if free < max(SCARCE, 3 * size) else "ok"
    key = "vault.doctor_room" if level == "ok" else "vault.doctor_room_scarce"
    return [Finding(level, key, {"megabytes": free // MEGABYTE})]


def _copies(places: Places) -> list[Finding]:
    findings: list[Finding] = []
    for path in safety.safety_copies(places):
        try:
            info = safety.check_backup(path)
        except GonhaError as error:
            findings.append(Finding("warn", error.key, error.params))
        else:
            made = show_moment(info.made_at)
            findings.append(Finding("ok", "vault.doctor_copy", {"file": path.name, "made": made}))
    for folder in restore.kept_workspaces(places):
        size = _megabytes(folder)
        findings.append(Finding("warn", "vault.doctor_kept", {"folder": folder.name, "megabytes": size}))
    return findings


def _readable(path: Path) -> bool:
    try:
        vault_file.read(path)
    except VaultError:
        return False
    return True


def _megabytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) // MEGABYTE
