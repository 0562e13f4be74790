"""What presenters of the sale tell the customer's displays: made only when there is one that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bookwish_desk.actions.ringing import Ringing
    from bookwish_desk.settings import Settings
    from bookwish_desk.shop.customer_view import CustomerView
    from bookwish_desk.shop.sold import Sale


def facing(ringing: Ringing, settings: Settings, *, paying: bool = False) -> CustomerView:
    """Return what the customer sees of a sale that is rung up, or being paid."""
    # Imported here: most registers face the customer with no display.
    from bookwish_desk.shop.customer_view import view_of

    return view_of(
        ringing.draft,
        ringing.totals,
        settings.money,
        shop=settings.shop_name,
        line=ringing.line,
        due_cents=ringing.due_cents,
        paying=paying,
        cash_step=settings.cash_step,
        tax_inside=settings.tax.mode == "inclusive",
    )


def facing_done(sale: Sale, settings: Settings) -> CustomerView:
    """Return what the customer sees once it is paid."""
    from bookwish_desk.shop.customer_view import sold_view

    return sold_view(sale, settings.money, shop=settings.shop_name)
