"""Paying: a panel in the sell screen, beside the cart."""

from __future__ import annotations

from functools import partial

from bookwish_desk.ui.pay.presenter import PayPresenter
from bookwish_desk.ui.pay.screen import PayPanel
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[PayPanel, PayPresenter]:
    """Make the payment panel and what runs it, and tie them together."""
    panel, presenter = PayPanel(), PayPresenter(station)
    presenter.render = panel.show_state
    presenter.on_email = partial(_ask_email, panel, station)
    panel.cash_asked.connect(presenter.cash)
    panel.quick_asked.connect(presenter.quick_cash)
    panel.card_asked.connect(presenter.start_card)
    panel.card_approved.connect(presenter.approve_card)
    panel.card_declined.connect(presenter.decline_card)
    panel.cheque_asked.connect(presenter.cheque)
    panel.payment_removed.connect(presenter.remove)
    panel.complete_asked.connect(presenter.complete)
    panel.receipt_wanted.connect(presenter.want_receipt)
    panel.original_asked.connect(presenter.refund_next)
    panel.back_asked.connect(presenter.back)
    panel.print_asked.connect(presenter.print_receipt)
    panel.gift_asked.connect(presenter.print_gift)
    panel.email_asked.connect(presenter.email_receipt)
    panel.next_asked.connect(presenter.next_sale)
    return panel, presenter


def _ask_email(panel: PayPanel, station: Station, receipt: str, address: str) -> None:
    from bookwish_desk.ui import mail

    mail.ask_receipt(panel, station, receipt, address)
