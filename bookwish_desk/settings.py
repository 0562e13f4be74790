"""Every setting of a shop, declared once: key, type, default and meaning."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from bookwish_desk.shop.device import Device, Purpose, usual
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.notice_kinds import Kind, Wording
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.order_words import OwnStatus
from bookwish_desk.shop.promises import PROMISES, Promise
from bookwish_desk.shop.shipping import ShippingSettings
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules


def _means(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """The shop's settings. A setting that was never changed has its default; changes are journalled."""

    shop_id: Annotated[str, _means("Identity of this shop, made at set-up")] = ""
    set_up: Annotated[bool, _means("The guided first start has been finished")] = False
    demo: Annotated[bool, _means("This is the demonstration shop")] = False
    encrypted: Annotated[bool, _means("The shop's database is encrypted")] = False
    shop_name: Annotated[str, _means("Name, printed at the top of receipts")] = "Bookshop"
    shop_address: Annotated[str, _means("Address, printed under the name")] = ""
    shop_contact: Annotated[
        str, _means("Telephone, web address or tax number, printed under the address")
    ] = ""
    zone: Annotated[str, _means("Time zone of the shop")] = "America/New_York"
    currency: Annotated[str, _means("Currency, ISO 4217 code")] = "USD"
    locale: Annotated[str, _means("Language and habits in which money and dates are written")] = "en_US"
    tax: Annotated[TaxRules, _means("Tax mode, rounding basis, classes and rates")] = TaxRules(
        classes=(
            TaxClass("book", "Books", (TaxRate("Sales tax", 62_500),)),
            TaxClass("general", "General goods", (TaxRate("Sales tax", 62_500),)),
            TaxClass("none", "Not taxed"),
        )
    )
    cash_step: Annotated[int, _means("Cash is rounded to this many minor units; 1 is off")] = 1
    cutoff_hour: Annotated[int, _means("Until this hour of the morning a till belongs to the day before")] = 4
    receipt_text: Annotated[str, _means("Printed above the items")] = ""
    return_policy: Annotated[str, _means("Printed at the end of receipts")] = (
        "Returns within 30 days with this receipt."
    )
    logo: Annotated[bytes, _means("Logo for receipts, PNG")] = b""
    print_receipts: Annotated[bool, _means("Print a receipt after each sale unless the clerk says no")] = True
    receipt_minutes: Annotated[int, _means("A receipt not printed within this time waits for Reprint")] = 15
    auto_lock_minutes: Annotated[
        int, _means("Lock the register after this long without input; 0 is never")
    ] = 10
    gift_wrap_cents: Annotated[int, _means("Price of gift wrap per copy; 0 is free")] = 300
    gift_wrap_tax: Annotated[str, _means("Tax class of gift wrap")] = "general"
    shipping_tax: Annotated[str, _means("Tax class of what sending an order costs")] = "general"
    low_stock: Annotated[
        int, _means("At or below this many copies an item is low, unless it has its own limit")
    ] = 1
    return_days: Annotated[int, _means("Warn when a receipt is older than this many days; 0 is never")] = 30
    tiles: Annotated[tuple[str, ...], _means("SKUs of the quick tiles beside the cart")] = ()
    devices: Annotated[
        tuple[Device, ...], _means("Printers, drawers, scanners, scales and displays, each with its register")
    ] = ()
    theme: Annotated[Literal["system", "light", "dark", "contrast"], _means("Colours of the screens")] = (
        "light"
    )
    list_columns: Annotated[
        tuple[tuple[str, str], ...],
        _means("Headings of lists and what each was mapped to, for the next list"),
    ] = ()
    recovery_hash: Annotated[str, _means("Hash of the owner's recovery code, made at set-up")] = ""
    backups_kept: Annotated[int, _means("Daily backups kept")] = 7

    hours: Annotated[OpeningHours, _means("When the shop is open; promises are counted in it")] = (
        OpeningHours()
    )
    promises: Annotated[tuple[Promise, ...], _means("Until when what must happen to an order")] = PROMISES
    hidden_statuses: Annotated[
        tuple[str, ...], _means("Statuses that the shop does not use, each as vocabulary.key")
    ] = ()
    own_statuses: Annotated[
        tuple[OwnStatus, ...], _means("Statuses of the shop's own, each for orders in one state")
    ] = ()
    mail: Annotated[MailSettings, _means("Mail server for notices and receipts")] = MailSettings()
    notices: Annotated[tuple[Kind, ...], _means("Notices that customers get by themselves")] = (
        *("delayed", "ready", "reminder_7", "reminder_14", "shipped", "delivered"),
        *("out_of_stock", "damaged", "cancelled", "refunded"),
    )
    wordings: Annotated[tuple[Wording, ...], _means("Notices that the shop has worded itself")] = ()
    staff_mail: Annotated[tuple[str, ...], _means("Mail addresses that hear of new orders")] = ()
    staff_notice: Annotated[
        Literal["immediate", "digest", "both"], _means("Whether they hear at once or once a day")
    ] = "immediate"
    digest_hour: Annotated[int, _means("Hour of the day at which the digest is written")] = 8
    review_days: Annotated[int, _means("A review is asked for this many days after delivery")] = 7
    review_link: Annotated[str, _means("Where customers can leave a review")] = ""
    tracking_links: Annotated[
        tuple[tuple[str, str], ...], _means("Carrier, and where its parcels are followed: # is the number")
    ] = ()
    slip_insert: Annotated[str, _means("Printed at the foot of packing slips")] = ""
    page_size: Annotated[Literal["letter", "a4"], _means("Paper of packing slips and pick lists")] = "letter"
    order_sound: Annotated[bool, _means("Make a sound when an order comes in")] = True

    online: Annotated[OnlineSettings, _means("The online store that the shop works with")] = OnlineSettings()

    shipping: Annotated[ShippingSettings, _means("How parcels are sent: carriers, packages, presets")] = (
        ShippingSettings()
    )

    @property
    def opening(self) -> OpeningHours:
        """Return when the shop is open, by its own clock."""
        return msgspec.structs.replace(self.hours, zone=self.zone)

    @property
    def money(self) -> Currency:
        """Return the shop's currency with its way of writing amounts."""
        return Currency(self.currency, self.locale)

    def device_for(self, purpose: Purpose, register: int) -> Device | None:
        """Return the printer that a register uses for a purpose, or None where it has none."""
        return usual(self.devices, purpose, register)


KEYS: dict[str, str] = {
    field.encode_name: next(
        (a.description or "" for a in getattr(field.type, "__metadata__", ()) if isinstance(a, msgspec.Meta)),
        "",
    )
    for field in msgspec.structs.fields(Settings)
}
"""Key and meaning of every setting."""


def from_rows(rows: dict[str, str]) -> Settings:
    """Return settings from stored JSON by key; keys of a newer program are left alone."""
    known = {key: msgspec.json.decode(value) for key, value in rows.items() if key in KEYS}
    return msgspec.convert(known, Settings, strict=False)


from_rows({})  # two lanes that are the first to look into a type at the same moment crash msgspec 0.22


def to_row(settings: Settings, key: str) -> str:
    """Return the JSON that is stored for one key."""
    return msgspec.json.encode(getattr(settings, key)).decode()
