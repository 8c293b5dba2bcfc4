"""Files carried by hand in a run: what laptops wrote, what the server answered, and whoever brings which one when."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sync.bundle import BundleError
from sync.server import bundles as server_bundles
from tui_app.bootstrap import Workspace
from tui_app.errors import BundleRefused
from tui_app.records import REGISTRY
from tui_app.services.exchange import bundles
from tui_app.settings import Places

if TYPE_CHECKING:
    from tests.faults.world import Laptop, World

# what may be wrong with a file for no other reason than what happened since it was written
AT_THE_SERVER = {"forked"}
AT_THE_LAPTOP = {
    "bundle.other_receiver_laptop",  # the laptop became a device of its own
    "bundle.other_answer",  # the laptop goes on from a copy that is older than its file
}


class Sticks:
    """All the files there are; none is ever lost, so that each may come late and twice. ``carried``: how many were
    taken in somewhere."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.written: list[bytes] = []
        self.answers: list[tuple[Laptop, bytes]] = []
        self.carried = 0
        self._of: list[Laptop] = []
        self._folder = world.folder / "stick"
        self._folder.mkdir(exist_ok=True)

    def write(self, laptop: Laptop) -> None:
        """The laptop writes what waits, by the service as it ships."""
        file = self._folder / "out.gonha"
        bundles.write_out(self._workspace(laptop), file)
        self.written.append(file.read_bytes())
        self._of.append(laptop)

    def carry(self, which: int) -> None:
        """The server takes a file in, and writes its answer."""
        try:
            taken = server_bundles.take(
                self.world.server.database,
                REGISTRY,
                self.written[which],
                now=self.world.clock(),
                new_id=self.world.new_id,
            )
        except BundleError as error:
            if error.word not in AT_THE_SERVER:
                raise
            return
        self.answers.append((self._of[which], taken.answer))
        self.carried += 1

    def bring(self, which: int) -> Laptop:
        """The laptop takes an answer in. Returns which laptop."""
        laptop, answer = self.answers[which]
        file = self._folder / "in.gonha"
        file.write_bytes(answer)
        try:
            brought = bundles.take_in(self._workspace(laptop), file)
        except BundleRefused as refused:
            if refused.key not in AT_THE_LAPTOP:
                raise
        else:
            self.carried += 1
            self.world.repairs += len(brought.synced.summary.mismatched)
        return laptop

    def _workspace(self, laptop: Laptop) -> Workspace:
        home = self.world.folder / f"home{laptop.place}"
        home.mkdir(exist_ok=True)
        opened: Any = SimpleNamespace(user=laptop.user, role="chief")
        return Workspace(Places(home), opened, laptop.store, laptop.clock, laptop.ids)
