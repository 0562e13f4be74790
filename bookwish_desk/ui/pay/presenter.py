"""Runs the payment of a sale: cash with change, card by terminal, cheque, several of them, and refunds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import paying, reprinting, returning
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.money import round_cash
from bookwish_desk.shop.receipt import tender_name
from bookwish_desk.shop.refund import RefundPlan, RefundStep
from bookwish_desk.shop.sale import Tender
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import quick_cash
from bookwish_desk.ui.facing import facing, facing_done
from bookwish_desk.ui.pay.state import PayState, QuickCash, TakenRow

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class PayPresenter:
    """Takes or gives the money for one draft.

    `on_back` gets the sale when the clerk goes back to it; `on_completed` the sale that was made;
    `on_next` is called when the next sale shall begin, `on_scan` with what was scanned to begin it;
    `on_email` with a receipt that is to go out by e-mail, and to which address by the look of it.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = PayState()
        self.render: Callable[[PayState], None] = lambda _state: None
        self.on_back: Callable[[Ringing], None] = lambda _ringing: None
        self.on_completed: Callable[[Sale], None] = lambda _sale: None
        self.on_next: Callable[[], None] = lambda: None
        self.on_scan: Callable[[str], None] = lambda _code: None
        self.on_email: Callable[[str, str], None] = lambda _receipt, _address: None
        self.ringing = Ringing(None)
        self.sale: Sale | None = None
        self._plan = RefundPlan()
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    @property
    def _money(self) -> Callable[[int], str]:
        return self.station.settings.money.show

    @property
    def due_cents(self) -> int:
        """Return what is still to pay; negative: to give back."""
        return self.ringing.due_cents

    def start(self, ringing: Ringing) -> None:
        """Begin with a draft; one whose card payment was interrupted goes on with that."""
        self.sale = None
        printer = self.station.prints_receipts
        self.state = PayState(receipt=printer and self.station.settings.print_receipts, printer=printer)
        self.station.own_scans(self)
        self._show_draft(ringing)

    def _show_draft(self, ringing: Ringing) -> None:
        self.ringing = ringing
        self.station.show_customer(lambda: facing(ringing, self.station.settings, paying=True))
        draft, settings = ringing.draft, self.station.settings
        due = self.due_cents
        cash = round_cash(due, settings.cash_step)
        tenders = draft.tenders if draft else ()
        intended = next((t for t in tenders if t.state == "intended"), None)
        refund = due < 0 or (intended is not None and intended.amount_cents < 0)
        self._show(
            step="card" if intended else "choose",
            refund=refund,
            heading="To refund" if refund else "To pay",
            due=self._money(abs(due)),
            cash_due=self._money(abs(cash)) if cash != due else "",
            amount=settings.money.plain(abs(due)),
            quick=tuple(QuickCash(c, self._money(c)) for c in quick_cash(cash, settings.currency))
            if due > 0
            else (),
            taken=tuple(
                TakenRow(t.id, _tender_words(t), self._money(t.amount_cents))
                for t in tenders
                if t.state == "taken"
            ),
            can_complete=due == 0 and intended is None,
            card_amount=self._money(abs(intended.amount_cents)) if intended else "",
            card_brand=intended.brand if intended else "",
            card_last4=intended.last4 if intended else "",
            plan=(),
            next_step="",
            busy=False,
            notice="",
        )
        if due < 0 and draft is not None:
            draft_id = draft.id
            self.station.lanes.read(
                lambda store: returning.refund_plan(store, draft_id),
                then=self._show_plan,
                failed=self._refused,
                latest="refund-plan",
            )

    def _show_plan(self, plan: RefundPlan) -> None:
        self._plan = plan
        words = tuple(self._step_words(s) for s in plan.original)
        self._show(plan=words if len(words) > 1 else (), next_step=words[0] if words else "")

    def _step_words(self, step: RefundStep) -> str:
        amount = self._money(-step.amount_cents)
        if step.kind == "cash":
            return f"{amount} in cash"
        return f"{amount} to {step.brand or 'card'} {step.last4}".rstrip()

    def refund_next(self) -> None:
        """Give the next part of the refund back the way the money came."""
        step = next(iter(self._plan.original), None)
        if step is None:
            return
        if step.kind == "cash":
            self.quick_cash(0)
            return
        part = step
        self._act(
            lambda store, actor, draft: paying.start_card(
                store, actor, draft, part.amount_cents, part.reference, part.brand, part.last4
            )
        )

    def _went(self, ringing: Ringing) -> None:
        if ringing.sale is None:
            self._show_draft(ringing)
            return
        self.sale = ringing.sale
        self._show_done(ringing.sale)
        self.on_completed(ringing.sale)

    def _refused(self, error: ShopError) -> None:
        self._show(notice=error.message, tone="error", busy=False)

    def _act(self, act: Callable[[Store, Actor, str], Outcome[Ringing]]) -> None:
        # One press, one action: a double click on Pay finds the panel busy.
        draft = self.ringing.draft
        if draft is None or self.state.busy:
            return
        self._show(busy=True, notice="")
        draft_id = draft.id
        self.station.act(
            lambda store, actor: act(store, actor, draft_id), then=self._went, failed=self._refused
        )

    # Cash

    def cash(self, typed: str) -> None:
        """Take the typed amount in cash; with nothing typed, what is due."""
        if self.due_cents <= 0:
            self.quick_cash(0)
            return
        try:
            cents = self.station.settings.money.read(typed) if typed.strip() else self._cash_due()
        except ShopError as error:
            self._refused(error)
            return
        self.quick_cash(cents)

    def quick_cash(self, cents: int) -> None:
        """Take exactly this much in cash, or give the refund in cash."""
        wanted = self.state.receipt
        self._act(lambda store, actor, draft: paying.pay_cash(store, actor, draft, cents, wanted))

    def _cash_due(self) -> int:
        return round_cash(self.due_cents, self.station.settings.cash_step)

    # Card

    def start_card(self, typed: str) -> None:
        """Store the intent to charge (or refund) a card before the terminal is used."""
        try:
            cents = self.station.settings.money.read(typed) if typed.strip() else abs(self.due_cents)
        except ShopError as error:
            self._refused(error)
            return
        signed = cents if self.due_cents > 0 else -cents
        self._act(lambda store, actor, draft: paying.start_card(store, actor, draft, signed))

    def approve_card(self, brand: str, last4: str, auth_code: str) -> None:
        """Record what the terminal printed."""
        tender, wanted = self._intended(), self.state.receipt
        if tender is not None:
            tid = tender.id
            self._act(
                lambda store, actor, draft: paying.confirm_card(
                    store, actor, draft, tid, brand, last4, auth_code, wanted
                )
            )

    def decline_card(self) -> None:
        """Give the card payment up: the terminal declined, nothing was charged."""
        tender = self._intended()
        if tender is not None:
            self.remove(tender.id)

    def _intended(self) -> Tender | None:
        tenders = self.ringing.draft.tenders if self.ringing.draft else ()
        return next((t for t in tenders if t.state == "intended"), None)

    # Cheque, several payments

    def cheque(self, typed: str, reference: str) -> None:
        """Take a cheque for the typed amount; with nothing typed, what is due."""
        try:
            cents = self.station.settings.money.read(typed) if typed.strip() else self.due_cents
        except ShopError as error:
            self._refused(error)
            return
        wanted = self.state.receipt
        self._act(
            lambda store, actor, draft: paying.pay_cheque(store, actor, draft, cents, reference, wanted)
        )

    def remove(self, tender: str) -> None:
        """Take a payment back out of the sale: the money was handed back."""
        self._act(lambda store, actor, draft: paying.remove_tender(store, actor, draft, tender))

    def complete(self) -> None:
        """Complete a sale with nothing left to pay."""
        wanted = self.state.receipt
        self._act(lambda store, actor, draft: paying.complete(store, actor, draft, wanted))

    def want_receipt(self, wanted: bool) -> None:
        """Print a receipt after this sale, or none."""
        self._show(receipt=wanted)

    def back(self) -> None:
        """Go back to the sale; money already taken stays in it."""
        if self.state.busy or self.state.step == "done":
            return
        self.station.release_scans(self)
        self.on_back(self.ringing)

    # Done

    def _show_done(self, sale: Sale) -> None:
        self.station.show_customer(lambda: facing_done(sale, self.station.settings))
        paid, change = sale.paid_cents, sale.change_cents
        if paid < 0:
            heading, amount = "Refunded", self._money(-paid)
        elif change:
            heading, amount = "Change due", self._money(change)
        else:
            heading, amount = "Paid", self._money(paid)
        lines = [f"{tender_name(t)} {self._money(abs(t.amount_cents))}" for t in sale.tenders if not t.change]
        self._show(
            step="done",
            busy=False,
            done_heading=heading,
            done_amount=amount,
            done_lines=(f"Total {self._money(sale.paid_cents)}", *lines),
            done_printing=self._first_words(sale),
            done_can_gift=any(x.quantity > 0 for x in sale.lines),
            done_can_email=bool(self.station.settings.mail.host),
        )

    def _changed(self, nouns: frozenset[str]) -> None:
        if "outbox" in nouns and self.sale is not None and self.state.step == "done":
            receipt = self.sale.receipt
            self.station.lanes.read(
                lambda store: reprinting.printing_words(store, receipt),
                then=self._show_printing,
                latest="printing",
            )

    def _first_words(self, sale: Sale) -> str:
        if not self.state.printer:
            return f"Receipt {sale.receipt}. No receipt printer is set up."
        return f"Receipt {sale.receipt} is being printed." if self.state.receipt else "No receipt."

    def _show_printing(self, words: str) -> None:
        if words and self.state.step == "done":
            self._show(done_printing=words)

    def print_receipt(self) -> None:
        """Print the receipt of the sale just made, again or after all."""
        if self.sale is not None:
            receipt = self.sale.receipt
            self.station.act(lambda store, actor: reprinting.reprint(store, actor, receipt))

    def print_gift(self) -> None:
        """Print a receipt without prices of the sale just made."""
        if self.sale is not None:
            receipt = self.sale.receipt
            self.station.act(lambda store, actor: reprinting.gift(store, actor, receipt))

    def email_receipt(self) -> None:
        """Ask to which address the receipt of the sale just made goes; the customer's is proposed."""
        if self.sale is not None and self.state.done_can_email:
            customer = self.sale.customer
            self.on_email(self.sale.receipt, customer.email if customer else "")

    def next_sale(self) -> None:
        """Leave the completed sale for the next one."""
        if self.state.step == "done":
            self.sale = None
            self.station.release_scans(self)
            self.on_next()

    def scanned(self, code: str) -> None:
        """Begin the next sale with a scan, or go back to this one while nothing was taken for it."""
        if self.state.step == "done":
            self.next_sale()
            self.on_scan(code)
        elif self.ringing.draft is not None and not self.ringing.draft.tenders and not self.state.busy:
            self.back()
            self.on_scan(code)
        else:
            self._show(notice="Finish this payment first.", tone="warn")


def _tender_words(tender: Tender) -> str:
    if tender.kind == "card":
        return f"{tender.brand or 'Card'} {tender.last4}".strip()
    return "Cash" if tender.kind == "cash" else f"Cheque {tender.reference}".strip()
