"""The small forms about a package, a preset and a rule. What is wrong is said beside its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar, cast

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.measures import length_unit, length_words, read_length, read_weight, weight_words
from bookwish_desk.shop.shipping import Package, Preset, PresetRule
from bookwish_desk.shop.shipping_rules import MOST_TARE_GRAMS, check_packages, check_presets, check_rules
from bookwish_desk.ui.settings.parcel_names import (
    CARRIERS,
    CHEAPEST,
    FASTEST,
    KINDS,
    OTHER,
    SERVICES,
    WHERE,
    service_options,
)
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Choice, Field, Sheet, Toggle

_WIDTH = 600

T = TypeVar("T")


def package_sheet(
    parent: QWidget,
    title: str,
    now: Package,
    others: tuple[Package, ...],
    locale: str,
    keep: Callable[[Package], None],
) -> Sheet:
    """Ask for a package: its name, whose it is, its size and what it weighs empty."""
    sheet = Sheet(parent, title, width=_WIDTH)
    unit = length_unit(locale)
    name = Field("Name", now.name, hint="As it is called at the pack table", limit=40)
    kind = Choice("Whose it is", _with(KINDS, now.kind))
    kind.choose(now.kind)
    sides = [
        Field(f"{label}, {unit}", length_words(mm, locale) if mm else "", limit=12)
        for label, mm in (("Length", now.length_mm), ("Width", now.width_mm), ("Height", now.height_mm))
    ]
    tare = Field(
        "Weighs empty",
        weight_words(now.tare_grams, locale, exact=True) if now.tare_grams else "",
        hint="With its filling, such as " + ("1.5 oz" if unit == "in" else "45 g"),
        limit=20,
    )
    sheet.body.addWidget(name)
    sheet.body.addWidget(kind)
    sheet.body.addLayout(_beside(*sides))
    sheet.body.addWidget(tare)

    def follow() -> None:
        own = not kind.chosen()
        for side in sides:
            side.setEnabled(own)

    kind.picked.connect(lambda _id: follow())
    follow()

    def submit() -> None:
        own = not kind.chosen()
        sizes = [_read(side, lambda t: read_length(t, locale)) if own else 0 for side in sides]
        grams = _read(tare, lambda t: read_weight(t or "0", locale, least=0))
        if None in sizes or grams is None:
            _first_wrong((*sides, tare))
            return
        if own and 0 in sizes:
            _wrong(sides[sizes.index(0)], "Type how long this side is.")
            return
        if grams > MOST_TARE_GRAMS:
            _wrong(tare, "An empty package weighs 11 lb (5 kg) at most.")
            return
        length, width, height = cast(list[int], sizes)
        made = Package(now.id or new_id(), name.text(), length, width, height, grams, kind.chosen())
        if (kept := _kept(lambda: check_packages((*others, made)), name)) is not None:
            sheet.accept()
            keep(kept[-1])

    _finish(sheet, (name, *sides, tare), "Keep package", submit)
    sheet.focus_on(name.edit)
    return sheet


def preset_sheet(
    parent: QWidget,
    title: str,
    now: Preset,
    others: tuple[Preset, ...],
    packages: tuple[Package, ...],
    keep: Callable[[Preset], None],
) -> Sheet:
    """Ask for a preset: its name, its package, how it is sent, and options."""
    sheet = Sheet(parent, title, width=_WIDTH)
    name = Field("Name", now.name, hint="Such as Media Mail, or Gift abroad", limit=40)
    package = Choice("Package", (("", "Chosen each time"), *((p.id, p.name) for p in packages)))
    package.choose(now.package)
    known = now.carrier in dict(CARRIERS)
    carrier = Choice("Carrier", CARRIERS)
    carrier.choose(now.carrier if known else OTHER)
    other_carrier = Field("Carrier's name", "" if known else now.carrier, limit=40)
    service = Choice("Service", ())
    other_service = Field("Service by the carrier's own name", limit=60)
    signature = Toggle("Somebody signs for it", now.signature)
    insure = Toggle("Insured for what its copies cost", now.insure)
    sheet.body.addLayout(_beside(name, package))
    sheet.body.addLayout(_beside(carrier, service))
    sheet.body.addLayout(_beside(other_carrier, other_service))
    sheet.body.addWidget(signature)
    sheet.body.addWidget(insure)

    def offer(chosen: str) -> None:
        service.set_options(service_options(carrier.chosen()))
        service.choose(chosen)
        follow()

    def follow() -> None:
        other_carrier.setVisible(carrier.chosen() == OTHER)
        other_service.setVisible(service.chosen() == OTHER)

    def begin() -> None:
        listed = now.service in SERVICES.get(now.carrier, ())
        offer(now.service if listed else OTHER if now.service else FASTEST if now.fastest else CHEAPEST)
        other_service.set_text("" if listed else now.service)

    carrier.picked.connect(lambda _id: offer(CHEAPEST))
    service.picked.connect(lambda _id: follow())
    begin()

    def submit() -> None:
        who = other_carrier.text().strip() if carrier.chosen() == OTHER else carrier.chosen()
        which = service.chosen()
        said = other_service.text().strip() if which == OTHER else "" if which == FASTEST else which
        if carrier.chosen() == OTHER and not who:
            _wrong(other_carrier, "Type the carrier's name.")
            return
        if which == OTHER and not said:
            _wrong(other_service, "Type the service, such as GroundAdvantage.")
            return
        made = Preset(
            now.id or new_id(), name.text(), package.chosen(), who, said,
            which == FASTEST, signature.isChecked(), insure.isChecked(),
        )  # fmt: skip
        if (kept := _kept(lambda: check_presets((*others, made), packages), name)) is not None:
            sheet.accept()
            keep(kept[-1])

    _finish(sheet, (name, other_carrier, other_service), "Keep preset", submit)
    sheet.focus_on(name.edit)
    return sheet


def rule_sheet(
    parent: QWidget,
    title: str,
    now: PresetRule,
    presets: tuple[Preset, ...],
    locale: str,
    keep: Callable[[PresetRule], None],
) -> Sheet:
    """Ask for a rule: which parcels of new orders it is for, and which preset they get."""
    sheet = Sheet(parent, title, width=_WIDTH)
    books = Toggle("Only where every copy may go by Media Mail", now.books)
    under = Field(
        "Only parcels under",
        weight_words(now.under_grams, locale, exact=True) if now.under_grams else "",
        hint="Empty: of any weight",
        limit=20,
    )
    where = Choice("Where they go", WHERE)
    where.choose(now.where)
    preset = Choice("They get the preset", tuple((p.id, p.name) for p in presets))
    preset.choose(now.preset)
    sheet.body.addWidget(books)
    sheet.body.addLayout(_beside(under, where))
    sheet.body.addWidget(preset)

    def submit() -> None:
        grams = _read(under, lambda t: read_weight(t, locale, least=0) if t else 0)
        if grams is None:
            under.select()
            return
        place = cast(Literal["any", "home", "abroad"], where.chosen())
        made = PresetRule(preset.chosen(), grams, books.isChecked(), place)
        if _kept(lambda: check_rules((made,), presets), under) is not None:
            sheet.accept()
            keep(replace(made))

    _finish(sheet, (under,), "Keep rule", submit)
    sheet.focus_on(under.edit)
    return sheet


# ---- what they share ----


def _beside(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SIZES.gap)
    for widget in widgets:
        row.addWidget(widget, 1, Qt.AlignmentFlag.AlignTop)
    return row


def _with(options: tuple[tuple[str, str], ...], chosen: str) -> tuple[tuple[str, str], ...]:
    return options if chosen in dict(options) else (*options, (chosen, chosen))


def _read(field: Field, read: Callable[[str], int]) -> int | None:
    """Return what a field holds, or None with the reason beside it."""
    try:
        number = read(field.text().strip())
    except Refused as fault:
        field.set_error(fault.message)
        return None
    field.set_error("")
    return number


def _wrong(field: Field, sentence: str) -> None:
    field.set_error(sentence)
    field.select()


def _first_wrong(fields: Iterable[Field]) -> None:
    for field in fields:
        if field.error():
            field.select()
            return


def _kept(check: Callable[[], tuple[T, ...]], beside: Field) -> tuple[T, ...] | None:
    """Return what was checked, or None with the reason beside a field."""
    try:
        return check()
    except Refused as fault:
        _wrong(beside, fault.message)
        return None


def _finish(sheet: Sheet, fields: Iterable[Field], verb: str, submit: Callable[[], None]) -> None:
    for field in fields:
        field.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button(verb, "primary", submit)
