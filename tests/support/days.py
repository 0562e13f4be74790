"""A day at the counter in few words: selling, taking back and voiding, for tests of the till."""

from __future__ import annotations

from collections.abc import Sequence

from bookwish_desk.actions import paying, selling, tilling
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db import drafts, sales
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop import sale as rules
from bookwish_desk.shop import sold
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sale import Discount, Draft, Exemption, totals
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules
from bookwish_desk.shop.till import Count, Till, TillReport

CLASSES = (
    TaxClass("book", "Books", (TaxRate("City", 15_000), TaxRate("State", 62_500))),
    TaxClass("general", "General goods", (TaxRate("State", 88_750),)),
    TaxClass("none", "Not taxed"),
)


def settings(**changes: object) -> Settings:
    """Return settings of a shop with two rates and an untaxed class; `mode` sets the tax mode."""
    mode = changes.pop("mode", "exclusive")
    rules_ = TaxRules(mode=mode, classes=CLASSES)  # type: ignore[arg-type]
    return Settings(**{"shop_name": "Test Books", "tax": rules_, **changes})  # type: ignore[arg-type]


def item(sku: str = "MUG", price_cents: int = 1_000, tax_class: str = "book") -> Item:
    """Return something to sell."""
    return Item(sku=sku, title=f"Thing {sku}", price_cents=price_cents, tax_class=tax_class)


def open_till(store: Store, actor: Actor, float_cents: int = 15_000) -> Till:
    """Open the till with a float."""
    return tilling.open_till(store, actor, Count(other_cents=float_cents)).value.till


def close_till(store: Store, actor: Actor, counted_cents: int, left_cents: int = 0) -> TillReport:
    """Count the drawer as one amount and close the till."""
    return tilling.close_till(store, actor, Count(other_cents=counted_cents), left_cents).value


def ring(
    store: Store,
    actor: Actor,
    lines: Sequence[tuple[Item, int]],
    *,
    discount: Discount | None = None,
    exempt: bool = False,
) -> Draft:
    """Ring lines up without paying them."""
    for one, quantity in lines:
        draft = selling.add(store, actor, one, quantity).value.draft
    assert draft is not None
    if discount is not None:
        draft = selling.discount_sale(store, actor, draft.id, discount).value.draft
        assert draft is not None
    if exempt:
        draft = selling.set_exempt(store, actor, draft.id, Exemption("EX-1")).value.draft
        assert draft is not None
    return draft


def pay(store: Store, actor: Actor, draft: Draft, how: str = "cash") -> Sale:
    """Pay a draft by cash (handing over more), card, cheque, or half by card and half in cash.

    What is left then, because a card takes no cash rounding back, is settled in cash.
    """
    due = totals(draft, store.settings.tax).due_cents
    part = {"cash": 0, "split": due // 2}.get(how, due)
    done = None
    if part and how == "cheque" and due > 0:
        done = paying.pay_cheque(store, actor, draft.id, due, "77").value
    elif part:
        done = _card(store, actor, draft, part)
    if done is None or done.sale is None:
        done = paying.pay_cash(store, actor, draft.id, max(0, -(-due // 500) * 500)).value
    assert done.sale is not None
    return done.sale


def _card(store: Store, actor: Actor, draft: Draft, cents: int) -> Ringing | None:
    try:
        started = paying.start_card(store, actor, draft.id, cents).value
    except Refused as refused:
        assert cents < 0 and refused.code == "amount", refused
        return None
    assert started.draft is not None
    tender = started.draft.tenders[-1].id
    brand = "Visa" if cents % 2 else "Mastercard"
    return paying.confirm_card(store, actor, draft.id, tender, brand, "4242", "OK1").value


def sell(store: Store, actor: Actor, *lines: tuple[Item, int], how: str = "cash") -> Sale:
    """Sell lines in one go."""
    return pay(store, actor, ring(store, actor, lines or ((item(), 1),)), how)


def bring_back(store: Store, actor: Actor, sale: Sale, quantity: int = 1, how: str = "cash") -> Sale | None:
    """Take back copies of the first line of a sale that has any left, or return None."""
    with store.write() as tx:
        left = [r for r in sold.returnable(sale, sales.returned(tx.conn, sale.id)) if r.left]
        if not left:
            return None
        line = sold.return_line(
            sale,
            left[0],
            min(quantity, left[0].left),
            "restock",
            "not wanted",
            mode=tx.settings.tax.mode,
        )
        fresh = Draft(id=new_id(), register=actor.register, number=0, staff=actor.staff, opened_at=tx.at)
        draft = drafts.begin(tx, rules.add_return(fresh, line))
    return pay(store, actor, draft, how)


def void(store: Store, actor: Actor, *lines: tuple[Item, int]) -> None:
    """Ring something up and give it up."""
    selling.void(store, actor, ring(store, actor, lines or ((item(), 1),)).id, "changed their mind")
