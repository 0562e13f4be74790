"""A counter sale or a return of ours as it is sent: pure, and the same bytes for the same sale.

The store's rules are not ours: it takes one price for each copy and adds its own tax. So a line is sent with
what one copy cost after every discount and without tax, in two lines where that leaves odd cents. Where
prices hold the tax, it is taken out: the server's total then comes to what was paid, if its rate is ours. Any
difference shows when its answer is compared; the receipt is never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from bookwish_desk.shop.item import KIND_NAMES
from bookwish_desk.shop.online import OnlineSale, OnlineSaleLine
from bookwish_desk.shop.sold import Sale, SoldLine, SoldTender
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.upload import RefundUpload, SaleUpload, reference, untaxed_cents
from bookwish_desk.sync.bookwish.far import encoded

Find = Callable[[str], tuple[str, str] | None]

_USED = KIND_NAMES["used"]
_MOST_REFERENCE = 64
_MOST_REASON = 500
_MOST_TITLE = 500


class SentLine(msgspec.Struct, frozen=True):
    """A line as the store gets it: `price_cents` is one copy's, after discounts and without tax."""

    line: SoldLine
    quantity: int
    price_cents: int


def sent_lines(sale: Sale) -> tuple[SentLine, ...]:
    """Return what was sold as the store gets it; what was brought back and mere notes are not for it."""
    found: list[SentLine] = []
    for line in sale.lines:
        if line.quantity <= 0:
            continue
        each, odd = divmod(max(0, untaxed_cents(sale, line)), line.quantity)
        if odd:
            found.append(SentLine(line, odd, each + 1))
        found.append(SentLine(line, line.quantity - odd, each))
    return tuple(found)


def sale_body(upload: SaleUpload, store_id: str, find: Find, extended: bool) -> bytes | None:
    """Return what is sent for a sale, None where nothing of it was sold.

    `extended` adds our number, time, register, totals and tenders, for a store that takes them. A line that
    belongs to an order goes without its stock line: the store has lowered the stock with the order.
    """
    sale = upload.sale
    lines = sent_lines(sale)
    if not lines:
        return None
    method, payments = _payments(sale)
    body: dict[str, Any] = {
        "storeId": store_id,
        "items": [_item(x, find(x.line.sku)) for x in lines],
        "paymentMethod": method,
    }
    if extended:
        sold = [x for x in sale.lines if x.quantity > 0]
        tax = sum(t.tax_cents for x in sold for t in x.taxes)
        body["clientReference"] = reference(sale)[:_MOST_REFERENCE]
        body["occurredAt"] = written(sale.completed_at)
        body["registerId"] = f"R{sale.register}"
        body["clientTotals"] = {
            "subtotalCents": sum(untaxed_cents(sale, x) for x in sold),
            "discountCents": sum(x.discount_cents for x in sold),
            "taxCents": tax,
            "totalCents": _taken(sale),
        }
        if payments:
            body["payments"] = payments
    return encoded(body)


def refund_body(
    upload: RefundUpload, original: Sale, sold: OnlineSale, earlier: Sequence[RefundUpload] = ()
) -> bytes | None:
    """Return what is sent for lines of `original` that came back, None where that cannot be said.

    The store's lines are ours in the order in which they were sent, or the only ones of their kind, without
    the copies that `earlier` returns took, in the order in which the store had them. The amount is what
    these lines were worth, and no more than the store has left of the sale: its tax may be a cent less. It
    counts as cash where a cheque was given or, in an exchange, new goods.
    """
    far = _paired(sent_lines(original), sold.lines)
    back = _back(upload)
    amount = -sum(x.total_cents for x in back)
    if far is None or not back or amount <= 0:
        return None
    left = [x.quantity for x in sold.lines]
    room = sold.total_cents
    for one in earlier:
        if _lines_back(_back(one), far, left) is None:
            return None
        if room is not None:
            room -= min(room, -sum(x.total_cents for x in _back(one)))
    lines = _lines_back(back, far, left)
    if not lines:
        return None
    if room:
        amount = min(amount, room)
    given = [x for x in upload.sale.tenders if x.amount_cents < 0 and not x.change]
    cards = given and all(x.kind == "card" for x in given)
    number = f"{reference(upload.sale)}-{back[0].of_receipt}"[:_MOST_REFERENCE]
    body: dict[str, Any] = {
        "clientReference": number,
        "lines": lines,
        "payouts": [{"method": "card" if cards else "cash", "amountCents": amount}],
    }
    reasons = list(dict.fromkeys(x.reason for x in back if x.reason))
    if reasons:
        body["reason"] = "; ".join(reasons)[:_MOST_REASON]
    return encoded(body)


def _back(upload: RefundUpload) -> list[SoldLine]:
    return [x for x in upload.sale.lines if x.quantity < 0 and x.of_sale == upload.of_sale]


def _lines_back(
    back: list[SoldLine], far: list[tuple[SentLine, str]], left: list[int]
) -> list[dict[str, Any]] | None:
    """Take copies that came back off what is `left` of the store's lines; None where these are not enough."""
    lines: list[dict[str, Any]] = []
    for line in back:
        wanted = -line.quantity
        for place, (sent, far_id) in enumerate(far):
            taken = min(wanted, left[place]) if sent.line.no == line.of_line else 0
            if taken > 0:
                restock = line.stocked and line.disposition == "restock"
                lines.append({"saleItemId": far_id, "quantity": taken, "restock": restock})
                left[place] -= taken
                wanted -= taken
        if wanted:
            return None
    return lines


def written(at: int) -> str:
    """Return a moment as the store writes it."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def _item(sent: SentLine, known: tuple[str, str] | None) -> dict[str, Any]:
    line = sent.line
    inventory_id, book_id = known or ("", "")
    item: dict[str, Any] = {}
    if book_id:
        item["bookId"] = book_id
    else:
        # As it is read back: a sale is found again by its titles.
        item["customItem"] = {"title": clean(line.title or line.sku, _MOST_TITLE) or "Item", **_authors(line)}
    if inventory_id and not line.of_order:
        item["inventoryId"] = inventory_id
    item["quantity"] = sent.quantity
    item["unitPriceCents"] = sent.price_cents
    item["isUsed"] = is_used(line)
    return item


def is_used(line: SoldLine) -> bool:
    """Say whether a used copy was sold: its detail begins with what buyers are told of it."""
    first = line.detail.partition(" · ")[0]
    return line.ean is None and (first == _USED or first.startswith(f"{_USED}: "))


def _authors(line: SoldLine) -> dict[str, Any]:
    copy, _, rest = line.detail.partition(" · ")
    names = tuple(KIND_NAMES.values())
    told = copy in names or copy.startswith(tuple(f"{x}: " for x in names))
    authors = rest if told else line.detail
    return {"authors": [authors]} if authors else {}


def _taken(sale: Sale) -> int:
    """Return what customers paid for what was sold; the rounding of cash counts where nothing came back."""
    sold = sum(x.total_cents for x in sale.lines if x.quantity > 0)
    return sold + (sale.rounding_cents if sale.kind == "sale" else 0)


def _payments(sale: Sale) -> tuple[str, list[dict[str, Any]]]:
    """Return how a sale was paid, in the store's one word and, tender by tender, as `payments`.

    What brought-back goods were worth in an exchange is `other`, and so is a cheque; their word is cash.
    """
    found: list[dict[str, Any]] = []
    methods: set[str] = set()
    for kind, method in (("cash", "cash"), ("card", "card"), ("cheque", "other")):
        moved = [x for x in sale.tenders if x.kind == kind]
        amount = sum(x.amount_cents for x in moved)
        if amount > 0:
            methods.add("card" if kind == "card" else "cash")
            found.append({"method": method, "amountCents": amount, **_tendered(moved)})
    rest = _taken(sale) - sum(x["amountCents"] for x in found)
    if rest > 0 and sale.kind == "exchange":
        methods.add("cash")
        found.append({"method": "other", "amountCents": rest})
    return ("mixed" if len(methods) > 1 else next(iter(methods), "cash")), found


def _tendered(moved: list[SoldTender]) -> dict[str, int]:
    change = -sum(x.amount_cents for x in moved if x.change)
    given = sum(x.amount_cents for x in moved if not x.change)
    return {"tenderedCents": given, "changeCents": change} if change > 0 else {}


def _paired(sent: tuple[SentLine, ...], far: tuple[OnlineSaleLine, ...]) -> list[tuple[SentLine, str]] | None:
    """Return our lines with the ids of the store's, in the store's order; None where they do not agree."""
    if len(sent) != len(far):
        return None
    if all(_agree(x, y) for x, y in zip(sent, far, strict=True)):
        return [(x, y.id) for x, y in zip(sent, far, strict=True)]
    paired: list[tuple[SentLine, str]] = []
    for line in far:
        fits = [x for x in sent if _agree(x, line)]
        if len(fits) != 1 or any(x is fits[0] for x, _ in paired):
            return None
        paired.append((fits[0], line.id))
    return paired


def _agree(sent: SentLine, far: OnlineSaleLine) -> bool:
    return sent.quantity == far.quantity and far.price_cents in (None, sent.price_cents)
