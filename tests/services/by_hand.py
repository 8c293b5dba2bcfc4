"""A laptop and a server that meet by a stick: real files in a real folder, the services as they ship."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sync.client import Link, Summary
from sync.server import bundles as server_bundles
from sync.server.keys import public_keys
from tests.sync.ward import Laptop, Ward
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id
from tui_app.records import REGISTRY
from tui_app.services.exchange import bundle_keys, bundles, syncing
from tui_app.services.station import facts
from tui_app.settings import Places


class Stick:
    """The way of one laptop to the server by hand."""

    def __init__(self, ward: Ward, laptop: Laptop, folder: Path) -> None:
        self.ward, self.laptop = ward, laptop
        self.folder = folder / f"stick-{laptop.user}"
        self.folder.mkdir()
        self.count = 0
        opened: Any = SimpleNamespace(user=laptop.user, role="chief")
        self.workspace = Workspace(Places(folder), opened, laptop.store, laptop.clock, new_id)
        keys = bundle_keys.fresh()
        with laptop.store.write() as c:
            facts.put(c, facts.SERVER, "http://server")
            facts.put(c, facts.DEVICE, laptop.device)
            facts.put(c, facts.TOKEN, laptop.token)
            bundle_keys.keep(c, keys, told=laptop.device)
            with ward.database.read() as tx:
                server = public_keys(tx)
            bundle_keys.learn(c, server.sealing, server.signing)
        with ward.database.write() as tx:
            tx.run(
                "UPDATE device SET public_key = :seal, signing_key = :sign WHERE id = :id",
                seal=keys.sealing_public,
                sign=keys.signing_public,
                id=laptop.device,
            )

    def out(self) -> Path:
        """Write what waits; the file."""
        self.count += 1
        return bundles.write_out(self.workspace, self.folder / f"{self.count}.gonha").path

    def carry(self, file: Path) -> Path:
        """At the server: take it in; the answer's file."""
        taken = server_bundles.take(
            self.ward.database, REGISTRY, file.read_bytes(), now=self.ward.clock(), new_id=new_id
        )
        answer = file.with_suffix(f".answer{len(list(self.folder.iterdir()))}.gonha")
        answer.write_bytes(taken.answer)
        return answer

    def given(self) -> Path:
        """A file that the server makes unasked."""
        self.count += 1
        file = self.folder / f"given{self.count}.gonha"
        file.write_bytes(
            server_bundles.give(self.ward.database, self.laptop.device, now=self.ward.clock()).answer
        )
        return file

    def back(self, answer: Path) -> bundles.Brought:
        """Take an answer in."""
        return bundles.take_in(self.workspace, answer)

    def sync(self) -> Summary:
        """One sync by network, as the program does it."""
        laptop = self.laptop
        link = Link("http://server", laptop.device, laptop.token, transport=laptop.wire, now=laptop.clock)
        return syncing.sync_now(self.workspace, link=link).summary

    def round(self) -> bundles.Brought:
        """One whole sync by hand."""
        return self.back(self.carry(self.out()))


def held(laptop: Laptop, *, but: tuple[str, ...] = ()) -> list[Any]:
    """Everything a laptop's database keeps, table by table."""
    names = laptop.all(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' ORDER BY 1"
    )
    return [
        (name, sorted(laptop.all(f'SELECT * FROM "{name}"'), key=repr))
        for (name,) in names
        if name not in but
    ]


NOTED = ("sync_session", "sqlite_sequence", "setting")  # where it is written down that a file came
