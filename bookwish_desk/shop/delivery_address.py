"""What is amiss with an address before a carrier sees it, and what a carrier writes differently. Pure.

`faults` must be put right before a label is bought, `cautions` are said and may stay. Nothing here changes
what the customer wrote: `printed` is what goes onto a label.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.places import COUNTRIES, MILITARY, STATES, ZIPS
from bookwish_desk.shop.text import clean

Field = Literal["name", "line1", "line2", "city", "state", "postal_code", "country", "phone"]
FIELDS: tuple[Field, ...] = ("name", "line1", "line2", "city", "state", "postal_code", "country")

LINE = 35
"""Characters of a line on labels of UPS and FedEx; USPS prints more, and smaller."""
MOST = 100

_NAMES: dict[Field, str] = {
    "name": "The name",
    "line1": "The street",
    "line2": "The second line",
    "city": "The town",
}
_BOX = re.compile(
    r"\bp\W{0,2}o\W{0,2}(?:box\b|b\W{0,2}\d)|\bpost(?:al)?\s+office\s+box\b|\bpostfach\b|^\W*box\s+\d+\W*$",
    re.IGNORECASE,
)
_FLAT = re.compile(
    r"(?:\b(apt|apartment|unit|suite|ste|flat|room|rm)\b\.?|(#))\s*(?:no\.?|#)?\s*(\w*)", re.IGNORECASE
)
_NO_NUMBER = re.compile(r"\b(?:general delivery|poste restante)\b", re.IGNORECASE)
_ZIP = re.compile(r"\d{5}(?:[- ]?\d{4})?", re.ASCII)
_SHAPES = {
    "CA": (re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d", re.ASCII), "K1A 0B1"),
    "GB": (re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.ASCII), "SW1Y 4LB"),
    **{code: (re.compile(r"\d{5}", re.ASCII), "10115") for code in ("DE", "FR", "IT", "ES", "FI")},
    **{code: (re.compile(r"\d{4}", re.ASCII), "2000") for code in ("AU", "NZ", "AT", "CH", "BE", "DK", "NO")},
}


# ---- what is put on a label ----


def printed(address: PostalAddress) -> PostalAddress:
    """Return an address as it goes onto a label: no pictures, no control characters, codes in capitals.

    A state written in full becomes its two letters; an island territory given as a state of the US stays one.
    """
    country = clean(address.country, 60).upper()
    state = clean(address.state, 60)
    if country == "US":
        state = STATES.get(_word(state), state.upper() if len(state) == 2 else state)
    return PostalAddress(
        name=_letters(address.name),
        line1=_letters(address.line1),
        line2=_letters(address.line2),
        city=_letters(address.city),
        state=state,
        postal_code=_zip(clean(address.postal_code, 20).upper()),
        country=country,
        phone=clean(address.phone, 40),
    )


def _letters(text: str) -> str:
    """Return a text without pictures and signs that no label printer has."""
    plain = clean("".join(" " if _picture(c) else c for c in text), 200)
    return re.sub(r"\s+([,.;])", r"\1", plain)


def _picture(char: str) -> bool:
    """Say whether a sign is a picture, a mark of its own, or begins commands of label printers."""
    return unicodedata.category(char) in ("So", "Sk", "Cs", "Co", "Cn", "Cc") or char in _EXTRA


_EXTRA = "~\ufe0e\ufe0f\u200d\u20e3"


def _zip(code: str) -> str:
    if len(code) in (9, 10) and _ZIP.fullmatch(code) and "-" not in code:
        return f"{code[:5]}-{code[-4:]}"
    return code


# ---- what must be put right ----


def faults(address: PostalAddress, carrier: str = "") -> dict[Field, str]:
    """Return what keeps a parcel from being sent there, field -> one sentence; with one carrier, by it too.

    Empty where nothing does. Read of what would be `printed`.
    """
    shown = printed(address)
    found: dict[Field, str] = {}
    for field, words in (
        ("name", "Type the name of whoever gets it."),
        ("line1", "Type street and number, or the PO box."),
        ("city", "Type the town."),
    ):
        if not getattr(shown, field):
            typed = clean(getattr(address, field))
            found[field] = (  # type: ignore[index]
                f"{words} Nothing of what stands there can be printed." if typed else words
            )
    if shown.country not in COUNTRIES:
        found["country"] = "Write the country with two letters, such as US or CA."
    if shown.country == "US":
        found.update(_us_faults(shown))
    for field, name in _NAMES.items():
        if field not in found and len(getattr(shown, field)) > _limit(carrier):
            found[field] = (
                f"{name} is longer than the {_limit(carrier)} characters{_of(carrier)}. Shorten it."
            )
    if private(carrier) and (words := _only_post(shown)):
        found.setdefault(
            _box_field(shown) or "state", f"{words} {carrier.strip()} does not go there: choose USPS."
        )
    return found


def _us_faults(shown: PostalAddress) -> Mapping[Field, str]:
    found: dict[Field, str] = {}
    if not shown.state:
        found["state"] = "Type the state with two letters, such as NY."
    elif shown.state not in ZIPS:
        found["state"] = f"{shown.state[:20]} is no state. Write two letters, such as NY."
    if not shown.postal_code:
        found["postal_code"] = "Type the ZIP code."
    elif not _ZIP.fullmatch(shown.postal_code):
        found["postal_code"] = "A ZIP code has 5 digits, or 9 as in 06001-1234."
    if shown.state in MILITARY and shown.city.upper().replace(".", "") not in ("APO", "FPO", "DPO"):
        found["city"] = f"With {shown.state} the town is APO, FPO or DPO."
    return found


def _limit(carrier: str) -> int:
    return LINE if private(carrier) else MOST


def _of(carrier: str) -> str:
    return f" of {carrier.strip()}" if private(carrier) else " of a label"


def private(carrier: str) -> bool:
    """Say whether a carrier delivers by itself: not the post, nor a service that ends with the post."""
    name = re.sub(r"[\W_]+", "", carrier.casefold())
    by_post = ("surepost", "smartpost", "mailinnovations", "ecs", "ecommerce")
    return name.startswith(("ups", "fedex", "dhl")) and not any(part in name for part in by_post)


def _only_post(shown: PostalAddress) -> str:
    """Return why only the post delivers to an address, or an empty text."""
    if _box_field(shown):
        return "This is a PO box."
    if is_military(shown):
        return "This is a military address."
    return ""


def _box_field(shown: PostalAddress) -> Field | None:
    return next((f for f in ("line1", "line2") if _BOX.search(getattr(shown, f))), None)


def is_military(address: PostalAddress) -> bool:
    """Say whether an address is of the forces: APO, FPO, DPO. The post takes it as the US's, with customs."""
    return address.country.upper() == "US" and address.state.strip().upper() in MILITARY


# ---- what is only said ----


def cautions(address: PostalAddress, carrier: str = "") -> dict[Field, str]:
    """Return what may keep a parcel from arriving and need not, field -> one sentence."""
    shown = printed(address)
    found: dict[Field, str] = {}
    for field, name in _NAMES.items():
        if words := _changed(clean(getattr(address, field)), getattr(shown, field), name):
            found[field] = words
        elif len(getattr(shown, field)) > LINE and not carrier:
            found[field] = f"{name} has more than {LINE} characters: UPS and FedEx cut it off."
    if flat := _missing_flat(shown):
        found.setdefault("line2" if shown.line2 else "line1", flat)
    if not found.get("line1") and shown.country in ("US", "CA") and _numberless(shown):
        found["line1"] = "There is no house number."
    if not carrier and (words := _only_post(shown)):
        found.setdefault(_box_field(shown) or "state", f"{words} Only the post delivers there.")
    if words := _wrong_place(shown):
        found["postal_code"] = words
    if private(carrier) and not shown.phone:
        found["phone"] = f"{carrier.strip()} may want a telephone number."
    return found


def _changed(typed: str, shown: str, name: str) -> str:
    """Return what is said of signs that are left out of a label, or that a carrier may not have."""
    if not shown:
        return ""
    if typed != shown and any(_picture(c) for c in typed):
        return f"{name} has signs that no label can show. Printed: {shown[:60]}"
    strange = [c for c in shown if c.isalpha() and not unicodedata.name(c, "").startswith("LATIN")]
    if strange:
        return f"{name} has letters that labels may not show: {''.join(strange[:10])}"
    return ""


def _missing_flat(shown: PostalAddress) -> str:
    """Return that a number is missing behind "Apt", "Unit" or "#"; the second line may hold it."""
    for found in _FLAT.finditer(f"{shown.line1} {shown.line2}".strip()):
        if not found[3]:
            what = (found[1] or "#").rstrip(".")
            return f"The number behind {what} is missing."
    return ""


def _numberless(shown: PostalAddress) -> bool:
    street = f"{shown.line1} {shown.line2}"
    return bool(shown.line1) and not any(c.isdigit() for c in street) and not _NO_NUMBER.search(street)


def _wrong_place(shown: PostalAddress) -> str:
    """Return that a postal code is not of its state, or not of the shape that its country writes."""
    code = shown.postal_code
    if shown.country == "US" and shown.state in ZIPS and _ZIP.fullmatch(code):
        first = int(code[:3])
        if not any(low <= first <= high for low, high in ZIPS[shown.state]):
            return f"{code[:5]} is no ZIP code of {shown.state}. Look at both."
    shape = _SHAPES.get(shown.country)
    if shape is not None and not shape[0].fullmatch(code):
        return f"Postal codes there are written as {shape[1]}."
    return ""


# ---- what a carrier writes differently ----


class Differing(msgspec.Struct, frozen=True):
    """One field that the carrier writes differently. `small`: case, marks, abbreviations, ZIP+4 only."""

    field: Field
    own: str
    suggested: str
    small: bool


def differences(own: PostalAddress, suggested: PostalAddress) -> tuple[Differing, ...]:
    """Return the fields in which a carrier's spelling differs from the customer's, in their order.

    An empty suggestion for a field is none, but for the second line: the carrier may have joined both.
    """
    found: list[Differing] = []
    joined = _same(f"{own.line1} {own.line2}") == _same(f"{suggested.line1} {suggested.line2}")
    for field in FIELDS:
        ours, theirs = clean(getattr(own, field)), clean(getattr(suggested, field))
        if ours == theirs or (not theirs and (field != "line2" or joined)):
            continue
        small = _small(field, ours, theirs) or (field in ("line1", "line2") and joined)
        found.append(Differing(field, ours, theirs, small))
    return tuple(found)


def taken_over(own: PostalAddress, suggested: PostalAddress) -> PostalAddress:
    """Return the carrier's spelling with the customer's own name and telephone."""
    kept = suggested.country or own.country
    return replace(suggested, name=own.name, phone=own.phone or suggested.phone, country=kept)


def _small(field: Field, ours: str, theirs: str) -> bool:
    if field == "postal_code":
        return re.sub(r"\W", "", ours)[:5].upper() == re.sub(r"\W", "", theirs)[:5].upper() and (
            len(re.sub(r"\W", "", theirs)) in (5, 9) or _same(ours) == _same(theirs)
        )
    if field == "state":
        return STATES.get(_word(ours), ours.upper()) == theirs.upper()
    return _same(ours) == _same(theirs)


_PAIRS = """
street st | avenue ave | av ave | road rd | drive dr | lane ln | boulevard blvd | court ct | place pl
square sq | terrace ter | circle cir | highway hwy | parkway pkwy | trail trl | apartment apt | suite ste
unit apt | # apt | north n | south s | east e | west w | northeast ne | northwest nw | southeast se
southwest sw | floor fl | saint st | mount mt | fort ft
"""
_SHORT: dict[str, str] = dict(pair.split() for pair in _PAIRS.strip().replace("\n", "|").split("|"))
"""What USPS shortens (Publication 28), so that only what matters is pointed out."""


def _same(text: str) -> str:
    words = re.sub(r"[^\w#]+", " ", re.sub(r"#(?=\w)", "# ", _word(text))).split()
    return " ".join(_SHORT.get(word, word) for word in words)


def _word(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).replace(".", "").split())
