"""Selling: everything that is done to the sale being rung up, until it is held, voided or paid.

Each verb loads the draft, lets `shop.sale` decide, and commits the new draft: a power cut loses
nothing. Money is `actions.paying`.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from bookwish_desk.actions.action import Outcome, action
from bookwish_desk.actions.people import name_of
from bookwish_desk.actions.permits import present, require
from bookwish_desk.actions.ringing import Ringing, draft_here, rung
from bookwish_desk.db import drafts, lookup, registers
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop import barcode, sale, street
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.sale import Discount, Draft, Exemption, totals
from bookwish_desk.shop.staff import Actor


def _ringing(tx: Tx, draft: Draft, line: str = "") -> Ringing:
    return rung(tx.conn, draft, tx.settings.tax, line)


def _edit(tx: Tx, actor: Actor, draft_id: str, change: Callable[[Draft], Draft], line: str = "") -> Ringing:
    present(tx, actor)
    return _ringing(tx, drafts.save(tx, change(drafts.load(tx.conn, draft_id))), line)


def find(store: Store, code: str, ean: int | None = None) -> Item | None:
    """Look up what is sold under a code: one statement, no transaction."""
    with store.glance() as conn:
        return lookup.find(conn, code, ean)


def current(store: Store, register: int) -> Ringing:
    """Return the sale that is open on a register, as it was left (also by a crash)."""
    with store.read() as conn:
        draft = drafts.open_on(conn, register)
        return rung(conn, draft, store.settings.tax) if draft else Ringing(None)


def held(store: Store) -> tuple[Draft, ...]:
    """Return the held sales, oldest first."""
    with store.read() as conn:
        return drafts.held(conn)


def till_is_open(store: Store, register: int) -> bool:
    """Say whether the register's till is open, so that money can be taken."""
    with store.read() as conn:
        return registers.is_open(conn, register)


@action
def add(
    tx: Tx,
    actor: Actor,
    item: Item,
    quantity: int = 1,
    price_cents: int | None = None,
    before_street: bool = False,
) -> Ringing:
    """Add copies of an item to the sale on the actor's register, starting one where there is none.

    `price_cents` is for items without a price of their own. Raises Refused when no price is known, or
    one is typed where there is one: that is `set_price`. Before its street date an item is refused with
    code "street_date" (facts: `sku`, `title`, `street_date`); `before_street` sells it all the same,
    which needs a permission and is journalled, and counts for the rest of the sale.
    """
    if price_cents is not None and item.price_cents is not None:
        raise Refused("priced", f"{item.title} has a price. Add it, then change the price of its line.")
    draft = draft_here(tx, actor)
    before = {x.id: x.quantity for x in draft.lines}
    draft = sale.add_item(draft, item, quantity, price_cents)
    line = next(x.id for x in draft.lines if before.get(x.id) != x.quantity)
    if street.too_early(item, tx.at, tx.settings.zone):
        draft = _before_street(tx, actor, draft, item, before_street)
    return _ringing(tx, drafts.save(tx, draft), line)


def _before_street(tx: Tx, actor: Actor, draft: Draft, item: Item, wanted: bool) -> Draft:
    """Let an item be sold too early where somebody said so, now or earlier in this sale."""
    if any(x.sku == item.sku and x.before_street for x in draft.lines):
        return sale.let_before_street(draft, item.sku)
    if not wanted:
        raise street.before_street(item, tx.settings.money.locale)
    approver = require(tx, actor, "sale.street_date", item.sku)
    tx.record(
        "sale.street_override",
        staff=actor.staff,
        register=actor.register,
        ref=draft.id,
        body={
            "sku": item.sku,
            "title": item.title,
            "street_date": item.street_date,
            "approved_by": approver,
        },
    )
    return sale.let_before_street(draft, item.sku)


def scan(
    store: Store, actor: Actor, code: str, addon: str = "", before_street: bool = False
) -> Outcome[Ringing]:
    """Sell what a product code names: one lookup, then one transaction that keeps the draft line.

    Raises Refused with code "unknown" (facts: `scanned`, `ean`, `price_hint_cents`) when nobody knows it,
    and as `add`.
    """
    scanned = barcode.parse(code)
    if addon:
        scanned = barcode.with_addon(scanned, addon)
    if scanned.kind in ("card", "invalid"):
        raise Refused("bad_code", scanned.reason, scanned=scanned.code)
    item = find(store, scanned.code, scanned.ean)
    if item is None:
        raise Refused(
            "unknown",
            f"Nothing is known about {scanned.code}.",
            scanned=scanned.code,
            ean=scanned.ean,
            price_hint_cents=scanned.price_hint_cents,
        )
    return add(store, actor, item, before_street=before_street)


def add_at_price(
    store: Store,
    actor: Actor,
    code: str,
    title: str,
    price_cents: int,
    tax_class: str,
    before_street: bool = False,
) -> Outcome[Ringing]:
    """Sell at a typed price what has none: an item that is known, else `add_unknown`.

    The price of a known item stays unknown in the catalogue, and title and tax class are its own.
    """
    scanned = barcode.parse(code)
    item = find(store, scanned.code, scanned.ean) if code.strip() else None
    if item is None:
        return add_unknown(store, actor, code, title, price_cents, tax_class)
    return add(store, actor, item, 1, price_cents, before_street)


@action
def add_unknown(tx: Tx, actor: Actor, code: str, title: str, price_cents: int, tax_class: str) -> Ringing:
    """Sell what nobody knows, in one step; kept as an item that waits for somebody to describe it.

    With no code it is a one-off sale of that tax class, with no stock.
    """
    scanned = barcode.parse(code) if code.strip() else None
    name = sale.plain(title)
    if not name:
        raise Refused("title", "Type what it is.")
    if tax_class not in {c.code for c in tx.settings.tax.classes}:
        raise Refused("tax_class", "Choose a tax class.")
    item = Item(
        sku=scanned.code if scanned and scanned.code else f"OPEN-{tax_class.upper()}",
        ean=scanned.ean if scanned else None,
        title=name,
        price_cents=price_cents,
        tax_class=tax_class,
        stocked=scanned is not None,
        to_catalogue=scanned is not None,
    )
    draft = draft_here(tx, actor)
    before = {x.id: x.quantity for x in draft.lines}
    draft = sale.add_item(draft, item)
    line = next(x.id for x in draft.lines if before.get(x.id) != x.quantity)
    if scanned is not None:
        # Keeping items brings SQLAlchemy in, which no sale of what is known needs: see `db.link`.
        from bookwish_desk.db import items

        items.keep(tx, item)
        tx.record(
            "item.unknown", staff=actor.staff, register=actor.register, ref=item.sku, body={"title": name}
        )
    return _ringing(tx, drafts.save(tx, draft), line)


@action
def set_quantity(tx: Tx, actor: Actor, draft_id: str, line_id: str, quantity: int) -> Ringing:
    """Set how many copies a line sells; 0 removes it."""
    return _edit(tx, actor, draft_id, lambda d: sale.set_quantity(d, line_id, quantity), line_id)


@action
def remove_line(tx: Tx, actor: Actor, draft_id: str, line_id: str) -> Ringing:
    """Take a line out of the sale."""
    return _edit(tx, actor, draft_id, lambda d: sale.remove_line(d, line_id))


@action
def set_price(tx: Tx, actor: Actor, draft_id: str, line_id: str, price_cents: int, reason: str) -> Ringing:
    """Sell a line at another price, with a reason; needs permission and is journalled."""
    require(tx, actor, "sale.price", f"{draft_id} {line_id} {price_cents}")
    before = next((x.price_cents for x in drafts.load(tx.conn, draft_id).lines if x.id == line_id), None)
    done = _edit(tx, actor, draft_id, lambda d: sale.set_price(d, line_id, price_cents, reason), line_id)
    tx.record(
        "sale.price",
        staff=actor.staff,
        register=actor.register,
        ref=draft_id,
        body={
            "line": line_id,
            "from_cents": before,
            "to_cents": price_cents,
            "reason": sale.plain(reason, 80),
        },
    )
    return done


@action
def discount_line(tx: Tx, actor: Actor, draft_id: str, line_id: str, discount: Discount | None) -> Ringing:
    """Give one line a discount, or take it back; needs permission and is journalled."""
    return _discount(tx, actor, draft_id, line_id, discount)


@action
def discount_sale(tx: Tx, actor: Actor, draft_id: str, discount: Discount | None) -> Ringing:
    """Give the whole sale a discount, or take it back; needs permission and is journalled."""
    return _discount(tx, actor, draft_id, "", discount)


def _discount(tx: Tx, actor: Actor, draft_id: str, line_id: str, discount: Discount | None) -> Ringing:
    what = f"{discount.kind} {discount.value}" if discount else "none"
    require(tx, actor, "sale.discount", f"{draft_id} {line_id} {what}")

    def change(draft: Draft) -> Draft:
        if line_id:
            return sale.discount_line(draft, line_id, discount)
        return sale.discount_sale(draft, discount)

    done = _edit(tx, actor, draft_id, change, line_id)
    tx.record(
        "sale.discount",
        staff=actor.staff,
        register=actor.register,
        ref=draft_id,
        body={"line": line_id, "discount": discount},
    )
    return done


@action
def note(tx: Tx, actor: Actor, draft_id: str, line_id: str, text: str) -> Ringing:
    """Write a note on a line, or on the sale when `line_id` is empty."""
    if line_id:
        return _edit(tx, actor, draft_id, lambda d: sale.note_line(d, line_id, text), line_id)
    return _edit(tx, actor, draft_id, lambda d: sale.note_sale(d, text))


@action
def gift_wrap(tx: Tx, actor: Actor, draft_id: str, line_id: str) -> Ringing:
    """Have a line gift-wrapped, or no longer."""
    s = tx.settings
    return _edit(
        tx, actor, draft_id, lambda d: sale.wrap_line(d, line_id, s.gift_wrap_cents, s.gift_wrap_tax), line_id
    )


@action
def set_exempt(tx: Tx, actor: Actor, draft_id: str, exempt: Exemption | None) -> Ringing:
    """Charge no tax on this sale, or charge it again; needs permission and is journalled."""
    if exempt is not None:
        require(tx, actor, "sale.exempt", draft_id)
    done = _edit(tx, actor, draft_id, lambda d: sale.set_exempt(d, exempt))
    tx.record(
        "sale.exempt", staff=actor.staff, register=actor.register, ref=draft_id, body={"exempt": exempt}
    )
    return done


@action
def set_customer(tx: Tx, actor: Actor, draft_id: str, customer: Customer | None) -> Ringing:
    """Attach a customer to the sale (starting one where `draft_id` is empty), or none."""
    if not draft_id:
        return _edit(tx, actor, draft_here(tx, actor).id, lambda d: sale.set_customer(d, customer))
    return _edit(tx, actor, draft_id, lambda d: sale.set_customer(d, customer))


@action
def hold(tx: Tx, actor: Actor, draft_id: str, note: str = "") -> Draft:
    """Put the sale aside under a code of its own and print a slip for it; the register is free."""
    from bookwish_desk.actions.posting import letterhead, post_slip
    from bookwish_desk.shop.receipt import hold_slip

    present(tx, actor)
    draft = drafts.load(tx.conn, draft_id)
    if draft.empty:
        raise Refused("empty", "There is nothing to hold yet.")
    if draft.tenders:
        raise Refused("paid", "A payment has been started for this sale. Finish it or remove the payment.")
    code = barcode.held_code(actor.register, tx.count(f"held-{actor.register}"))
    aside = drafts.save(tx, replace(draft, held_as=code, held_note=sale.plain(note, 120)))
    slip = hold_slip(
        aside,
        totals(aside, tx.settings.tax),
        letterhead(tx.settings),
        clerk=name_of(tx.conn, actor.staff),
        at=tx.at,
    )
    post_slip(tx, slip, register=actor.register, by_itself=True)
    tx.record("sale.held", staff=actor.staff, register=actor.register, ref=draft_id, body={"as": code})
    return aside


@action
def recall(tx: Tx, actor: Actor, draft_id: str) -> Ringing:
    """Take a held sale up again on the actor's register.

    Raises Refused when another sale is being rung up there: hold or pay that one first.
    """
    return _recall(tx, actor, draft_id)


def _recall(tx: Tx, actor: Actor, draft_id: str) -> Ringing:
    present(tx, actor)
    here = drafts.open_on(tx.conn, actor.register)
    if here is not None and here.id == draft_id:
        return _ringing(tx, here)
    if here is not None and not here.empty:
        raise Refused("busy", "Hold or finish the sale on this register first.")
    if here is not None:
        drafts.drop(tx, here.id)
    draft = drafts.load(tx.conn, draft_id)
    if not draft.held_as:
        raise Refused("no_held", "This sale is not held any more.")
    back = drafts.save(
        tx, replace(draft, held_as="", held_note="", register=actor.register, staff=actor.staff)
    )
    tx.record(
        "sale.recalled",
        staff=actor.staff,
        register=actor.register,
        ref=draft_id,
        body={"from": draft.held_as},
    )
    return _ringing(tx, back)


@action
def recall_code(tx: Tx, actor: Actor, code: str) -> Ringing:
    """Take up the held sale whose slip was scanned. Raises Refused when it was recalled or voided."""
    draft = drafts.held_as(tx.conn, code)
    if draft is None:
        raise Refused("no_held", f"{code} is not held any more.")
    return _recall(tx, actor, draft.id)


@action
def void(tx: Tx, actor: Actor, draft_id: str, reason: str = "") -> None:
    """Give the sale up before it is paid; what was in it stays in the journal."""
    present(tx, actor)
    draft = drafts.load(tx.conn, draft_id)
    if not draft.empty:
        require(tx, actor, "sale.void", draft_id)
        from bookwish_desk.actions.completing import nothing_intended

        nothing_intended(draft)
        if draft.tenders:
            raise Refused("paid", "Money was taken for this sale. Give it back and remove the payment first.")
        unnamed = tuple(replace(order, customer="") for order in draft.collects)
        tx.record(
            "sale.void",
            staff=actor.staff,
            register=actor.register,
            ref=draft_id,
            body={
                "reason": sale.plain(reason, 80),
                "draft": replace(draft, customer=None, collects=unnamed),
            },
        )
        from bookwish_desk.actions import allocating

        # Copies that an order gave up for this sale are free again.
        allocating.follow_stock(tx, {x.sku for x in draft.lines})
    drafts.drop(tx, draft_id)
