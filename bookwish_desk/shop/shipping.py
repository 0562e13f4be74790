"""How a shop sends parcels: its carriers' account, packages, presets, rules and limits, as settings.

Secrets are in the keyring. What is asked of carriers is `shop.carriage`, a label's own life `shop.postage`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.order import PostalAddress

EASYPOST = "https://api.easypost.com/v2"
"""Where EasyPost answers."""

Broker = Literal["none", "easypost"]
LabelFormat = Literal["png", "pdf", "zpl"]


class Package(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """A box or a mailer that the shop has. `tare_grams` is what it weighs with its filling.

    `kind` is a carrier's own package by that carrier's name ("FlatRatePaddedEnvelope"), empty for the shop's
    own: the sizes do not count then, and Media Mail is out of the question.
    """

    id: str
    name: str
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    tare_grams: int = 0
    kind: str = ""


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """Box, service and options under one name.

    An empty `service` is the cheapest of `carrier`, of all carriers where that is empty too; `fastest` turns
    cheapest into fastest.
    """

    id: str
    name: str
    package: str = ""
    carrier: str = ""
    service: str = ""
    fastest: bool = False
    signature: bool = False
    insure: bool = False


class PresetRule(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """Which preset a parcel gets by itself; of several rules the first that fits counts.

    `under_grams` 0 is any weight; `books` asks that every copy may go by Media Mail; `where` is the country.
    """

    preset: str
    under_grams: int = 0
    books: bool = False
    where: Literal["any", "home", "abroad"] = "any"


PACKAGES = (
    Package("mailer-s", "Small mailer", 267, 184, 25, 30),
    Package("mailer-l", "Large mailer", 368, 267, 38, 60),
    Package("box-s", "Book box", 305, 229, 102, 160),
    Package("box-l", "Large box", 407, 305, 203, 380),
)
PRESETS = (
    Preset("media", "Media Mail", "mailer-s", "USPS", "MediaMail"),
    Preset("cheapest", "Cheapest", "mailer-s"),
    Preset("fastest", "Fastest", "mailer-s", fastest=True),
)
RULES = (PresetRule("media", books=True, where="home"), PresetRule("cheapest"))


class ShippingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """How this shop sends parcels. `broker` none: labels are made elsewhere and numbers typed by hand.

    `base` is the address of the broker, `sender` where parcels come from and go back to. A scale may differ
    from the predicted weight by `tolerance_grams` or `tolerance_ppm` of it, whichever is more; a title
    without a weight counts `book_grams`. `shipped_with` says when an order becomes shipped: as soon as its
    label is bought, or when its parcel is handed over at the day's end. Beyond `label_limit_cents` for one
    label or `day_limit_cents` for a day (0: none) a manager must approve. `checks` says which addresses are
    checked with the carriers. Labels made after `cutoff` (minutes of the day) are dated the next day.
    """

    broker: Broker = "none"
    base: str = EASYPOST
    test: bool = False
    since: int = 0
    sender: PostalAddress = PostalAddress()
    packages: tuple[Package, ...] = PACKAGES
    presets: tuple[Preset, ...] = PRESETS
    rules: tuple[PresetRule, ...] = RULES
    tolerance_grams: int = 60
    tolerance_ppm: int = 50_000
    book_grams: int = 400
    label_format: Literal["auto", "png", "pdf", "zpl"] = "auto"
    slip_with_label: bool = True
    shipped_with: Literal["label", "handover"] = "label"
    label_limit_cents: int = 5_000
    day_limit_cents: int = 50_000
    checks: Literal["home", "all", "never"] = "home"
    cutoff: int = 17 * 60
    signer: str = ""

    @property
    def connected(self) -> bool:
        """Say whether labels can be bought at all."""
        return self.broker != "none" and self.since > 0

    def package(self, package_id: str) -> Package | None:
        """Return one of the shop's packages."""
        return next((p for p in self.packages if p.id == package_id), None)

    def preset(self, preset_id: str) -> Preset | None:
        """Return one of the shop's presets."""
        return next((p for p in self.presets if p.id == preset_id), None)
