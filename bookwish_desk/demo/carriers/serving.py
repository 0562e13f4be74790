"""Puts a broker together and serves it on a socket until it is told to end."""

from __future__ import annotations

import socket
from collections.abc import Callable

import msgspec
import uvicorn

from bookwish_desk.demo.carriers.control import Control, set_wallet, settle_refunds, tell
from bookwish_desk.demo.carriers.faults import Faults
from bookwish_desk.demo.carriers.ledger import Ledger, ledger
from bookwish_desk.demo.carriers.records import MEMORY, Records, Tx
from bookwish_desk.demo.carriers.routes import Application
from bookwish_desk.demo.carriers.service import Service
from bookwish_desk.demo.carriers.wire import House
from bookwish_desk.demo.loopback import Clock, serve

WALLET_CENTS = 250_000


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What one broker is: where its data are, which keys it knows, how it goes about things.

    `control` says that the control path is served, to whoever knows `control_word`.
    """

    data: str = MEMORY
    keys: tuple[str, ...] = ()
    wallet_cents: int = WALLET_CENTS
    house: House = House()
    control: bool = False
    control_word: str = ""


class Brokerage:
    """One broker, ready to be served. What is asked of it here, any thread may ask."""

    def __init__(self, options: Options, clock: Callable[[], int] | None = None) -> None:
        self._options = options
        self._own_clock = Clock()
        self.clock = clock or self._own_clock
        self.faults = Faults()
        self.records = Records(options.data, self.clock)
        self.records.do(self._open)
        self.service = Service(self.records, self.clock, options.house, options.keys, self.faults)

    def _open(self, tx: Tx) -> None:
        if not tx.fact("opened"):
            tx.enter("opening", self._options.wallet_cents)
            tx.note("opened", "yes")

    def move_clock(self, offset_ms: int) -> None:
        """Set how far the broker's own clock is ahead of this computer's."""
        self._own_clock.move(offset_ms)

    def ledger(self) -> Ledger:
        """Return what was paid."""
        return self.records.do(ledger)

    def set_wallet(self, cents: int) -> None:
        """Set what is in the wallet."""
        self.records.do(lambda tx: set_wallet(tx, cents))

    def settle_refunds(self, status: str, shipment: str = "") -> None:
        """Say what becomes of the refund of a shipment, or of all of them."""
        self.records.do(lambda tx: settle_refunds(tx, status, shipment))

    def tell(self, tracking: str, status: str) -> None:
        """Let a carrier say where a parcel is now."""
        self.records.do(lambda tx: tell(tx, tracking, status))

    async def serve(self, listening: socket.socket, begun: Callable[[uvicorn.Server], None]) -> None:
        """Serve until the server that `begun` was given is told to exit."""
        control = Control(self.service, self._options.control_word, self.move_clock)
        routes = control.routes() if self._options.control else []
        try:
            await serve(Application(self.service, routes), listening, begun)
        finally:
            self.faults.release()
            self.records.close()
