"""A unit that a restored server had forgotten gets its old id back.

It was made after the backup, so the server does not know it, and a list that is read in again gives it another id: what
laptops hold of the unit then reaches nothing. Under its old id they recognise it and give back all they have.
"""

from __future__ import annotations

from sync.server.database import Transaction


def adopt(tx: Transaction, commune: str, wanted: str, present: str) -> str:
    """Make room for the id ``wanted``. ``present``: the id the unit has now, "" when it is not known here.

    Returns why not, as a word of the catalogue: ``id_taken``, another unit has it; ``id_unknown``, no held change
    names it, so it was mistyped; ``id_in_use``, there is work under the present id already.
    """
    if tx.one("SELECT 1 FROM area_head WHERE area = :area", area=wanted):
        return "id_taken"
    if not tx.one(
        "SELECT 1 FROM op WHERE commune = :commune AND area = :area AND result = 'held' LIMIT 1",
        commune=commune,
        area=wanted,
    ):
        return "id_unknown"
    if not present:
        return ""
    here = {"commune": commune, "area": present}
    if tx.one(
        "SELECT 1 FROM record WHERE commune = :commune AND area = :area AND type <> 'area' LIMIT 1", **here
    ):
        return "id_in_use"
    tx.run("DELETE FROM record WHERE commune = :commune AND area = :area", **here)
    tx.run("DELETE FROM area_head WHERE commune = :commune AND area = :area", **here)
    _hand_on_grants(tx, commune, present, wanted)
    return ""


def _hand_on_grants(tx: Transaction, commune: str, present: str, wanted: str) -> None:
    """Who was given the unit under its present id has it under the old one."""
    devices = tx.all(
        "SELECT device FROM area_grant WHERE commune = :commune AND area = :area",
        commune=commune,
        area=present,
    )
    for (device,) in devices:
        tx.run("DELETE FROM area_grant WHERE device = :device AND area = :area", device=device, area=wanted)
        tx.run(
            "UPDATE area_grant SET area = :wanted WHERE device = :device AND area = :present",
            wanted=wanted,
            device=device,
            present=present,
        )
        tx.run("UPDATE device SET scope_epoch = scope_epoch + 1 WHERE id = :device", device=device)
