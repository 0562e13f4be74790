"""What a price or shelf label of an item says, and which code on it sells just that copy. Pure."""

from __future__ import annotations

from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import KIND_NAMES, Item
from bookwish_desk.shop.label import LabelKind, PriceLabel, ShelfLabel
from bookwish_desk.shop.money import Currency


def label_of(item: Item, kind: LabelKind, *, shop: str, money: Currency) -> PriceLabel | ShelfLabel:
    """Return a label of an item; `shop` is printed small on price labels.

    A used or signed copy says what it is. Where no price is known none is printed. Raises Refused where a
    scanner would take the item's code for something else.
    """
    price = money.show(item.price_cents) if item.price_cents is not None else ""
    code = label_code(item)
    if kind == "price":
        return PriceLabel(item.title, code, price, item.authors, item.copy_words, shop)
    place = ", ".join(w for w in (KIND_NAMES[item.kind] if item.kind != "new" else "", item.shelf) if w)
    return ShelfLabel(item.title, code, price, item.authors, place)


def label_code(item: Item) -> str:
    """Return what the barcode of an item holds: the 13 digits of its EAN, or its SKU where it has none.

    A used or signed copy has a SKU only: the EAN of its title would sell a new one.
    """
    if item.ean is not None:
        digits = f"{item.ean:013d}"
        if barcode.parse(digits).ean == item.ean:
            return digits
    scan = barcode.parse(item.sku)
    if scan.kind != "other" or scan.code != item.sku:
        raise Refused(
            "label.code",
            f"A scanner would not read {item.sku} as the code of this item. Give it another SKU.",
            sku=item.sku,
        )
    return item.sku
