"""What the desk does by itself beside the selling: backups, checks, the clock of orders, mail, the store.

Nothing here is asked for by anybody, and nobody waits for it. What goes wrong becomes a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from bookwish_desk.shop.errors import ShopError

if TYPE_CHECKING:
    from bookwish_desk.actions.backing_up import Upkeep
    from bookwish_desk.db.store import Store
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.mailer import Mailer, MailState
    from bookwish_desk.syncing import Syncing


class Housekeeping:
    """Works on its lanes until it is closed.

    `warned` gets the sentences that people should know about; `alarmed` one that cannot wait; `mailed` how
    the mail stands as a whole. `syncing` is the work with the online store. `importing` says
    whether somebody imports a list just now.
    """

    def __init__(
        self,
        lanes: Lanes,
        store: Store,
        register: int,
        *,
        warned: Callable[[tuple[str, ...]], None],
        alarmed: Callable[[str], None],
        mailed: Callable[[MailState], None],
        syncing: Syncing,
        importing: Callable[[], bool],
    ) -> None:
        self._lanes = lanes
        self._store = store
        self._register = register
        self._warned = warned
        self._alarmed = alarmed
        self._mailed = mailed
        self._syncing = syncing
        self._importing = importing
        self._mailer: Mailer | None = None
        self._closed = False

    def begin(self) -> None:
        """Do what is due at the start."""
        self._look_over()
        self.back_up()
        self.mind_orders()
        self._begin_mail()
        self._syncing.begin()
        self._finish_import()

    def close(self) -> None:
        """Begin nothing more."""
        self._closed = True
        if self._mailer is not None:
            self._mailer.close()
        self._syncing.close()

    def back_up(self, *, renew: bool = False) -> None:
        """Make the day's backup where there is none yet, or make it anew."""

        def keep() -> None:
            from bookwish_desk.actions import backing_up

            backing_up.daily(self._store, renew=renew)

        self._lanes.work(keep, failed=self._failed)

    def mind_orders(self) -> None:
        """Do what is due with orders by the clock alone."""

        def mind() -> int:
            from bookwish_desk.actions import order_clock

            return order_clock.run(self._store, self._lanes.write_now, lambda: self._closed)

        self._lanes.work(mind, failed=self._failed)

    def tidy(self) -> None:
        """Put the books in order while nobody sells."""

        def keep() -> Upkeep:
            # Counting brings SQLAlchemy in, which the start does without: see `db.link`.
            from bookwish_desk.actions import backing_up, recounting

            recounting.recount_sold(self._store)
            return backing_up.maintain(self._store)

        self._lanes.work(keep, then=lambda upkeep: self._warned(upkeep.warnings), failed=self._failed)

    def _failed(self, error: ShopError) -> None:
        self._warned((error.message,))

    def _begin_mail(self) -> None:
        """Send the e-mail that waits, and from now on what comes."""

        def begin(_module: object) -> None:
            from bookwish_desk.mailer import Mailer

            if not self._closed:
                self._mailer = Mailer(self._lanes, self._register, self._mailed)
                self._mailer.recover()

        self._lanes.work(lambda: import_module("bookwish_desk.mailer"), then=begin)

    def _look_over(self) -> None:
        """Look over the books once at the start, beside the first sale."""

        def look() -> list[str]:
            from bookwish_desk.db import checks

            return checks.quick_check(self._store)

        def looked(faults: list[str]) -> None:
            if faults:
                self._warned(tuple(faults))
                self._alarmed(f"{faults[0]} Make a backup now and run the doctor.")

        self._lanes.work(look, then=looked, failed=self._failed)

    def _finish_import(self) -> None:
        """Go on with what an import has left: the shop's items, and the search index."""

        def finish() -> int:
            from bookwish_desk.actions import importing

            return importing.finish_import(
                self._store,
                act=self._lanes.write_now,
                cancelled=lambda: self._closed or self._importing(),
            )

        self._lanes.work(finish, failed=self._failed, lane="catalogue")
