"""Which settings stand in which section, as inputs, and what was typed there as changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from bookwish_desk.settings import KEYS, Settings
from bookwish_desk.shop.countries import CASH_STEPS, LOCALES
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.settings.order_sections import (
    ORDER_SECTIONS,
    drafts_of,
    order_changes,
    order_inputs,
)
from bookwish_desk.ui.settings.shipping_sections import shipping_changes, shipping_inputs
from bookwish_desk.ui.settings.state import OrderDrafts, SectionId

DRAFTS = frozenset(
    (
        *("hours", "promises", "hidden_statuses", "notices", "wordings", "tracking_links"),
        *("packages", "presets", "rules"),
    )
)
"""What has editors of its own in the sections about orders and parcels."""

THEMES = (
    ("light", "Light"),
    ("dark", "Dark"),
    ("contrast", "High contrast"),
    ("system", "As this computer is set"),
)
TAX_MODES = (
    ("exclusive", "Tax is added to prices (United States, Canada)"),
    ("inclusive", "Prices hold the tax (VAT, GST)"),
)
TAX_BASES = (
    ("invoice", "Once for each rate on the whole sale"),
    ("item", "On each line"),
)


def inputs_of(
    section: SectionId,
    settings: Settings,
    register: str,
    zones: Sequence[str],
    twelve: bool = False,
) -> tuple[Input, ...]:
    """Return the questions of a section with what is in force in them."""
    makers = {
        "shop": lambda: _shop(settings, zones),
        "tax": lambda: tax_inputs(settings),
        "receipt": lambda: _receipt(settings),
        "register": lambda: (register_input(register),),
        "selling": lambda: _selling(settings),
        "look": lambda: _look(settings),
        "shipping": lambda: shipping_inputs(settings, twelve),
        "safety": lambda: (_count("backups_kept", "Daily backups", settings, 1, 365, half=True),),
    }
    return makers[section]() if section in makers else order_inputs(section, settings, twelve)


def _shop(s: Settings, zones: Sequence[str]) -> tuple[Input, ...]:
    return (
        Input("shop_name", "Name of the shop", value=s.shop_name, hint=KEYS["shop_name"], limit=60),
        Input("shop_address", "Address", "lines", s.shop_address, KEYS["shop_address"], limit=300),
        Input("shop_contact", "Contact", "lines", s.shop_contact, KEYS["shop_contact"], limit=300),
        zone_input(s.zone, zones),
        currency_input(s.currency),
        locale_input(s.locale),
    )


def zone_input(zone: str, zones: Sequence[str]) -> Input:
    """Return the question for the time zone."""
    names = tuple(dict.fromkeys((zone, *zones)))
    return Input("zone", "Time zone", "choice", zone, options=tuple((z, z.replace("_", " ")) for z in names))


def currency_input(currency: str) -> Input:
    """Return the question for the currency."""
    hint = "Three letters, such as USD or EUR"
    return Input("currency", "Currency", value=currency, hint=hint, limit=3, half=True)


def locale_input(locale: str) -> Input:
    """Return the question for language and country."""
    known = dict(LOCALES)
    options = LOCALES if locale in known else ((locale, locale), *LOCALES)
    hint = "How amounts and dates are written"
    return Input("locale", "Language and country", "choice", locale, hint, options, half=True)


def tax_inputs(s: Settings) -> tuple[Input, ...]:
    """Return the questions about tax but for the classes, which have an editor of their own."""
    return (
        Input("mode", "Prices and tax", "choice", s.tax.mode, options=TAX_MODES),
        Input("basis", "Rounding of tax", "choice", s.tax.basis, options=TAX_BASES, half=True),
        Input(
            "cash_step",
            "Rounding of cash",
            "choice",
            str(s.cash_step),
            options=_steps(s.cash_step),
            half=True,
        ),
    )


def _steps(now: int) -> tuple[tuple[str, str], ...]:
    return CASH_STEPS if str(now) in dict(CASH_STEPS) else ((str(now), f"To {now}"), *CASH_STEPS)


def _receipt(s: Settings) -> tuple[Input, ...]:
    return (
        *receipt_inputs(s),
        Input("print_receipts", KEYS["print_receipts"], "toggle", YES if s.print_receipts else ""),
        _count("receipt_minutes", "Minutes for printing", s, 1, 720, half=True),
    )


def receipt_inputs(s: Settings) -> tuple[Input, ...]:
    """Return the questions about what receipts say."""
    return (
        Input("receipt_text", "Greeting", "lines", s.receipt_text, KEYS["receipt_text"], lines=2, limit=500),
        Input(
            "return_policy",
            "Return policy",
            "lines",
            s.return_policy,
            KEYS["return_policy"],
            limit=1000,
        ),
    )


def register_input(register: str) -> Input:
    """Return the question for the name of a register."""
    return Input("register", "Name of this register", value=register, hint="Printed on receipts", limit=40)


def _selling(s: Settings) -> tuple[Input, ...]:
    classes = tuple((c.code, c.label) for c in s.tax.classes)
    price = s.money.plain(s.gift_wrap_cents)
    # A class that there is no more is taxed as the first one.
    known = not classes or s.shipping_tax in dict(classes)
    shipping = s.shipping_tax if known else classes[0][0]
    return (
        Input("gift_wrap_cents", "Gift wrap", "amount", price, KEYS["gift_wrap_cents"], half=True),
        Input("gift_wrap_tax", KEYS["gift_wrap_tax"], "choice", s.gift_wrap_tax, options=classes, half=True),
        Input("shipping_tax", KEYS["shipping_tax"], "choice", shipping, options=classes, half=True),
        _count("low_stock", "Low stock", s, 0, 999, half=True),
        _count("return_days", "Old receipts", s, 0, 3650, half=True),
        _count("cutoff_hour", "Hour at which the day begins", s, 0, 12, half=True),
    )


def _look(s: Settings) -> tuple[Input, ...]:
    return (
        Input("theme", KEYS["theme"], "choice", s.theme, options=THEMES, half=True),
        _count("auto_lock_minutes", "Minutes before locking", s, 0, 240, half=True),
    )


def _count(key: str, label: str, s: Settings, least: int, most: int, *, half: bool = False) -> Input:
    value = str(getattr(s, key))
    return Input(key, label, "count", value, KEYS[key], half=half, least=least, most=most)


def changes_of(
    section: SectionId, values: Values, settings: Settings, drafts: OrderDrafts | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what was typed in a section as settings, and the sentence for each input that is no value."""
    changes: dict[str, Any] = {}
    errors: dict[str, str] = {}
    if section in ORDER_SECTIONS:
        return order_changes(section, values, drafts or drafts_of(settings))
    if section == "shipping":
        return shipping_changes(values, settings, drafts or drafts_of(settings))
    if section == "tax":
        changes = {"tax": tax_of(values, settings), "cash_step": values.whole("cash_step")}
    else:
        for key in values.texts:
            try:
                changes[key] = _typed(key, values, settings)
            except ShopError as error:
                errors[key] = error.message
    return changes, errors


def tax_of(values: Values, settings: Settings) -> Any:
    """Return tax rules with the mode and basis that were chosen; the classes stay."""
    mode, basis = values.text("mode"), values.text("basis")
    return replace(settings.tax, mode=mode, basis=basis)


def _typed(key: str, values: Values, settings: Settings) -> Any:
    now = getattr(settings, key)
    if key == "gift_wrap_cents":
        return settings.money.read(values.text(key) or "0")
    if isinstance(now, bool):
        return values.on(key)
    return values.whole(key) if isinstance(now, int) else values.text(key)


def errors_by_input(faults: Mapping[str, str]) -> dict[str, str]:
    """Return the sentences of wrong settings under the inputs that they were typed in."""
    places = {"devices": "address"}
    return {places.get(key, key): sentence for key, sentence in faults.items()}
