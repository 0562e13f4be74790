"""The section Shipping: its inputs, and what was typed there as settings. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.hours_words import read_time, show_time
from bookwish_desk.shop.measures import read_weight, weight_words
from bookwish_desk.shop.money import read_percent, show_percent
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.shipping_rules import check_shipping
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.settings.state import OrderDrafts

SHIPPED_WITH = (
    ("label", "As soon as its label is bought"),
    ("handover", "When its parcel is handed over"),
)
CHECKS = (
    ("home", "Addresses in our own country"),
    ("all", "All addresses"),
    ("never", "None"),
)
FORMATS = (
    ("auto", "As the label printer wants it"),
    ("png", "PNG, a picture"),
    ("pdf", "PDF, a page of 4 x 6 inches"),
    ("zpl", "ZPL, the language of Zebra printers"),
)

_SENDER: tuple[tuple[str, str, str, int], ...] = (
    ("name", "Sender's name", "As it stands on labels, such as the shop's", 60),
    ("phone", "Sender's telephone", "Some carriers ask for it", 30),
    ("line1", "Street and number", "Where parcels come from, and go back to", 100),
    ("line2", "Second line", "Floor, suite, or empty", 100),
    ("city", "Town", "", 60),
    ("state", "State or province", "Two letters in the US and Canada", 60),
    ("postal_code", "ZIP or postal code", "", 20),
    ("country", "Country", "Two letters, such as US", 2),
)


def shipping_inputs(settings: Settings, twelve: bool) -> tuple[Input, ...]:
    """Return the questions of the section but for packages, presets and rules, which have editors."""
    s, locale, money = settings.shipping, settings.locale, settings.money
    sender = tuple(
        Input(f"sender_{field}", label, value=getattr(s.sender, field), hint=hint, limit=limit, half=True)
        for field, label, hint, limit in _SENDER
    )
    approve = "Dearer ones a manager must approve; 0 is no limit"

    def weight(key: str, label: str, grams: int, hint: str) -> Input:
        return Input(
            key, label, value=weight_words(grams, locale, exact=True), hint=hint, limit=20, half=True
        )

    def choice(key: str, label: str, value: str, options: tuple[tuple[str, str], ...]) -> Input:
        return Input(key, label, "choice", value, options=options, half=True)

    return (
        *sender,
        choice("shipped_with", "An order is shipped", s.shipped_with, SHIPPED_WITH),
        choice("checks", "Addresses checked with carriers", s.checks, CHECKS),
        choice("label_format", "Format of labels", s.label_format, FORMATS),
        Input(
            "cutoff", "Last hand-over of the day", value=show_time(s.cutoff, twelve),
            hint="Labels made later are dated the next day", limit=12, half=True,
        ),
        Input("label_limit_cents", "Most for one label", "amount", money.plain(s.label_limit_cents), approve,
              half=True),
        Input("day_limit_cents", "Most for all labels of a day", "amount", money.plain(s.day_limit_cents),
              approve, half=True),
        weight("tolerance_grams", "The scale may differ by", s.tolerance_grams,
               "Beyond it the desk says that a book may be missing"),
        Input("tolerance_ppm", "Or by this part of the weight", value=show_percent(s.tolerance_ppm),
              hint="Whichever of the two is more", limit=10, half=True),
        weight("book_grams", "A book of unknown weight counts", s.book_grams, "Where the catalogue has none"),
        Input("signer", "Who signs for customs", value=s.signer, hint="For parcels abroad", limit=60,
              half=True),
        Input("slip_with_label", "Print a packing slip with each label", "toggle",
              YES if s.slip_with_label else ""),
    )  # fmt: skip


def shipping_changes(
    values: Values, settings: Settings, drafts: OrderDrafts
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what stands in the section as settings, and the sentence for each input that is wrong."""
    before, errors = settings.shipping, {}
    typed: dict[str, Any] = {
        "sender": PostalAddress(**{field: values.text(f"sender_{field}") for field, _, _, _ in _SENDER}),
        "packages": drafts.packages,
        "presets": drafts.presets,
        "rules": drafts.rules,
        "slip_with_label": values.on("slip_with_label"),
        **{key: values.text(key) for key in ("shipped_with", "checks", "label_format", "signer")},
    }
    for key, read in _READERS.items():
        try:
            typed[key] = read(values.text(key), settings)
        except Refused as fault:
            errors[key] = fault.message
    made = replace(before, **typed)
    try:
        made = check_shipping(made)
    except Refused as fault:
        said = fault.facts.get("faults")
        errors = {**({str(k): str(v) for k, v in said.items()} if isinstance(said, dict) else {}), **errors}
        if not errors:
            errors["packages"] = fault.message
    return {"shipping": made}, errors


def _weight(typed: str, settings: Settings) -> int:
    return read_weight(typed or "0", settings.locale, least=0)


def _amount(typed: str, settings: Settings) -> int:
    return settings.money.read(typed or "0")


_READERS: dict[str, Callable[[str, Settings], int]] = {
    "cutoff": lambda typed, _settings: read_time(typed),
    "label_limit_cents": _amount,
    "day_limit_cents": _amount,
    "tolerance_grams": _weight,
    "tolerance_ppm": lambda typed, _settings: read_percent(typed or "0"),
    "book_grams": _weight,
}
