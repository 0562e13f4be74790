"""Runs the editors of the sections about orders: hours, promises, statuses, notices, papers."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.hours_words import what_follows
from bookwish_desk.shop.notice_kinds import Wording
from bookwish_desk.shop.packing import PackedLine, PackingSlip, Sum
from bookwish_desk.shop.promises import Promise
from bookwish_desk.ui.forms.inputs import Values
from bookwish_desk.ui.settings.order_sections import hours_of
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.settings.state import OrderDrafts, OtherDay

_DPI = 120


class OrderEditorsPresenter:
    """Edits what is saved with these sections but is no field of their forms."""

    def __init__(self, settings: SettingsPresenter) -> None:
        self._settings = settings
        settings.when_reloaded(self._reloaded)

    def change(self, drafts: OrderDrafts) -> None:
        """Take other drafts."""
        self._settings.show(drafts=drafts, dirty=True, draft_error="", notice="")

    def change_days(self, days: tuple[OtherDay, ...], values: Values) -> None:
        """Take other closed and special days."""
        self.change(replace(self._settings.state.drafts, days=days))
        self.typed(values)

    def change_promises(self, promises: tuple[Promise, ...]) -> None:
        """Take other promises."""
        self.change(replace(self._settings.state.drafts, promises=promises))

    def change_hidden(self, hidden: tuple[str, ...]) -> None:
        """Take other statuses that the shop does not use."""
        self.change(replace(self._settings.state.drafts, hidden=hidden))

    def typed(self, values: Values) -> None:
        """Follow what is typed in a form: what the hours come to, what the slip looks like."""
        if self._settings.state.section == "hours":
            self._follow(values)
        elif self._settings.state.section == "papers":
            self._draw(values)

    def _reloaded(self) -> None:
        self.typed(Values({i.key: i.value for i in self._settings.state.inputs}))

    def _follow(self, values: Values) -> None:
        state, settings = self._settings.state, self._settings.settings
        try:
            hours = replace(hours_of(values, state.drafts), zone=settings.zone)
        except Refused:
            follows = ""
        else:
            follows = what_follows(hours, self._settings.station.lanes.store.clock(), state.twelve)
        self._settings.show(follows=follows)

    def _draw(self, values: Values) -> None:
        settings = replace(self._settings.settings, slip_insert=values.text("slip_insert"))
        size = "a4" if values.text("page_size") == "a4" else "letter"

        def drawing(_store: Store, stale: Callable[[], bool]) -> bytes:
            return b"" if stale() else slip_picture(replace(settings, page_size=size))

        self._settings.station.lanes.search(
            drawing,
            then=lambda png: self._settings.show(slip=png),
            failed=self._settings.warn,
            latest="slip picture",
            lane="previews",
        )

    # ---- the words of notices ----

    def try_words(
        self, wording: Wording, shown: Callable[[str, str], None], refused: Callable[[str, str], None]
    ) -> None:
        """Fill words in with made-up facts, on a lane; the newest words only are answered."""
        head = letterhead(self._settings.settings)

        def trying(_store: Store, _stale: Callable[[], bool]) -> tuple[str, str]:
            from bookwish_desk.shop.notices import preview

            made = preview(wording, head)
            return made.subject, made.text

        def wrong(error: ShopError) -> None:
            refused(str(error.facts.get("part", "body")), error.message)

        self._settings.station.lanes.search(
            trying, then=lambda made: shown(*made), failed=wrong, latest="notice preview", lane="previews"
        )


def slip_picture(settings: Settings) -> bytes:
    """Return the first page of a made-up order's packing slip as PNG. Slow: for a lane."""
    from io import BytesIO

    from bookwish_desk.hardware.pages.pdf_pages import each_page
    from bookwish_desk.paper.packing_slip import packing_slips

    money = settings.money
    slip = PackingSlip(
        head=letterhead(settings),
        order="O1-000042",
        to="Anna Reader\n34 Example Road\nSpringfield",
        lines=(
            PackedLine(1, "Orlando", "Virginia Woolf", "9780156701600", money.show(1_699)),
            PackedLine(2, "Middlemarch", "George Eliot", "9780141439549", money.show(2_398)),
        ),
        insert=settings.slip_insert,
        sums=(Sum("Shipping", money.show(499)), Sum("Total", money.show(4_596), strong=True)),
    )
    pages = each_page(packing_slips((slip,), settings.page_size), _DPI)
    try:
        picture = BytesIO()
        next(pages).save(picture, "PNG")
        return picture.getvalue()
    finally:
        pages.close()
