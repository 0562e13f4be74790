"""Prints a bought label again: drawn on a lane first where the printer is one for pages. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.actions import buying
from bookwish_desk.shop.errors import ShopError

if TYPE_CHECKING:
    from bookwish_desk.actions.label_papers import Papers
    from bookwish_desk.ui.station import Station


def reprint(
    station: Station, postage_id: str, then: Callable[[], None], failed: Callable[[ShopError], None]
) -> None:
    """Print a label again, which costs nothing; `then` once it waits for the printer."""

    def drawing() -> Papers:
        from bookwish_desk import parcel_papers

        return parcel_papers.draw_again(station.lanes.store, postage_id, station.register)

    def drawn(papers: Papers) -> None:
        station.act(
            lambda store, actor: buying.reprint(store, actor, postage_id, papers),
            then=lambda _jobs: then(),
            failed=failed,
        )

    station.lanes.work(drawing, then=drawn, failed=failed)
