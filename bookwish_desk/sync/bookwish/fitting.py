"""Whether a counter sale of the store is just what was sent, for a store that knows no number of ours.

Pure. How sales are looked for, and what follows, is not decided here.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bookwish_desk.shop.online import OnlineSale, OnlineSaleLine


def sale_fits(body: bytes, sale: OnlineSale) -> bool:
    """Compare payment method, credit, and the lines: book or title, copies, price of one.

    A price whose unit the store leaves open is not held against it.
    """
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return False
    if not isinstance(told, dict) or not isinstance(told.get("items"), list):
        return False
    if told.get("paymentMethod") != sale.method:
        return False
    if (told.get("tradeCreditAppliedCents") or 0) != sale.credit_cents:
        return False
    left = list(sale.lines)
    for sent in told["items"]:
        line = next((x for x in left if _is(sent, x, exactly=True)), None)
        line = line or next((x for x in left if _is(sent, x, exactly=False)), None)
        if line is None:
            return False
        left.remove(line)
    return not left


def _is(sent: dict[str, Any], line: OnlineSaleLine, *, exactly: bool) -> bool:
    if sent.get("quantity") != line.quantity:
        return False
    if line.price_cents is None:
        if exactly:
            return False
    elif sent.get("unitPriceCents") != line.price_cents:
        return False
    if book := sent.get("bookId"):
        return bool(book == line.book_id)
    custom = sent.get("customItem") or {}
    return not line.book_id and _folded(custom.get("title")) == _folded(line.title)


def _folded(text: object) -> str:
    return " ".join(str(text or "").casefold().split())
