"""What the header of the window says: who is here, the till, and the things that people should know about.

Each fact comes from whoever knows it; here they are kept and put into words together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.db import registers

if TYPE_CHECKING:
    from bookwish_desk.attached import Attached
    from bookwish_desk.db.mailbox import MailCount
    from bookwish_desk.db.store import Store
    from bookwish_desk.mailer import MailState
    from bookwish_desk.shop.sync_state import SyncState
    from bookwish_desk.shop.till import Till
    from bookwish_desk.ui.station import Station
    from bookwish_desk.ui.window import MainWindow


TICK_MS = 1_000


class Headlines:
    """Keeps the facts of the header. Nothing is shown before `ready`.

    `closed` is called when the till has been closed.
    """

    def __init__(
        self,
        window: MainWindow,
        station: Station,
        attached: Callable[[], Attached],
        closed: Callable[[], None],
    ) -> None:
        self._window = window
        self._station = station
        self._attached = attached
        self._closed = closed
        self.importing = ""
        self.ready = False
        self._till: Till | None = None
        self._unfinished = 0
        self._mail: MailCount | None = None
        self._mail_held = False
        self._new_orders = 0
        self._late_orders = 0
        self._store_state: SyncState | None = None
        self._ticking = False
        self._warnings: tuple[str, ...] = ()

    def reload(self) -> None:
        """Read what the books say: the register, its till, what waits to be printed or mailed."""
        from bookwish_desk.actions import mailing, outgoing

        register = self._station.register

        def reading(store: Store) -> tuple[str, Till | None, int, MailCount]:
            in_trouble = sum(outgoing.in_trouble(job) for job in outgoing.unfinished(store, register))
            mail = mailing.counted(store)
            with store.read() as conn:
                return registers.name(conn, register), registers.open_till(conn, register), in_trouble, mail

        self._station.lanes.read(reading, then=self._take, latest="header")

    def _take(self, reading: tuple[str, Till | None, int, MailCount]) -> None:
        name, till_now, self._unfinished, self._mail = reading
        closed = self._till is not None and till_now is None
        self._till = till_now
        self._window.set_register(name)
        if closed:
            self._closed()
        self.show()

    def show(self) -> None:
        """Show what is known."""
        if not self.ready:
            return

        from bookwish_desk.db.store import system_clock
        from bookwish_desk.ui.header import NO_MAIL, NO_STORE, chips, till_words
        from bookwish_desk.ui.moments import shortly

        settings, person, attached = self._station.settings, self._station.person, self._attached()
        state = self._store_state or NO_STORE
        now, away = system_clock(), state.away_since
        till_now = till_words(self._till, settings.zone, settings.locale)
        self._window.set_till(" · ".join(w for w in (person.name if person else "", till_now) if w))
        self._window.status(
            chips(
                demo=settings.demo,
                devices=attached.devices,
                states=attached.states,
                unfinished=self._unfinished,
                importing=self.importing,
                new_orders=self._new_orders,
                late_orders=self._late_orders,
                mail=self._mail or NO_MAIL,
                mail_held=self._mail_held,
                store=state,
                now=now,
                since=shortly(away, now, settings) if away else "",
                warnings=self._warnings,
            )
        )

    def show_import(self, words: str) -> None:
        """Say how far an import is; nothing when there is none."""
        self.importing = words
        self.show()

    def show_new_orders(self, count: int) -> None:
        """Say how many orders nobody has begun, in the header and on their tab."""
        self._new_orders = count
        self._window.set_tab("orders", f"Orders {count}" if count else "Orders")
        self.show()

    def show_late_orders(self, count: int) -> None:
        """Say how many orders are late."""
        self._late_orders = count
        self.show()

    def show_mail(self, state: MailState) -> None:
        """Say whether mail waits for somebody to set it right."""
        self._mail_held = state.held == "setup"
        self._station.mail_trouble = state.sentence
        self._station.changed(frozenset({"mail"}))

    def show_sync(self, state: SyncState) -> None:
        """Say how syncing with the online store stands, and go on saying how long ago it was heard."""
        self._store_state = state
        self.show()
        if state.connected and not self._ticking:
            self._ticking = True
            self._station.lanes.later(TICK_MS, self._tick)

    def _tick(self) -> None:
        self._ticking = False
        if self._store_state is not None:
            self.show_sync(self._store_state)

    def warn(self, warnings: tuple[str, ...]) -> None:
        """Say what people should know about the books and the disk; nothing when all is well."""
        self._warnings = warnings
        self.show()
