"""What the columns of a list are: by their usual headings, or as a person mapped them.

What stands in the cells below is not looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean

FIELDS = {
    "code": "ISBN, EAN or UPC",
    "sku": "SKU",
    "title": "Title",
    "subtitle": "Subtitle",
    "authors": "Author",
    "publisher": "Publisher",
    "series": "Series",
    "format": "Format",
    "year": "Year",
    "published": "Publication date",
    "street_date": "Street date",
    "price": "Price",
    "tax_class": "Tax class",
    "stock": "On hand",
    "shelf": "Shelf",
    "on_order": "On order",
    "demand": "Popularity",
    "language": "Language",
    "pages": "Pages",
    "subjects": "Subjects",
    "weight": "Weight",
    "discount": "Discount",
    "returnable": "Returnable",
    "last_return": "Last return date",
    "availability": "Availability",
}
"""What a column of a list can be, and what people call it. A list may have several of `code`."""

_WEIGHTS = ("weight", "itemweight", "productweight", "shippingweight", "unitweight")
_UNITS = {
    **dict.fromkeys(("g", "gr", "gram", "grams"), "g"),
    **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("oz", "ounce", "ounces"), "oz"),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), "lb"),
}
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "code": (
        *("isbn", "isbn13", "isbn10", "isbn13ean", "eanisbn", "isbnean"),
        *("ean", "ean13", "gtin", "gtin13", "barcode", "upc", "upca", "upcean"),
    ),
    "sku": ("sku", "itemcode", "stockcode", "articlenumber", "articleno", "itemnumber"),
    "title": ("title", "booktitle", "productname", "itemname", "product", "name", "item", "description"),
    "subtitle": ("subtitle", "titlesubtitle", "booksubtitle"),
    "authors": ("author", "authors", "authorname", "by", "contributor", "contributors", "creator"),
    "publisher": ("publisher", "imprint", "publishername", "manufacturer", "maker", "brand"),
    "series": ("series", "seriestitle", "seriesname"),
    "format": (
        "format",
        "binding",
        "bookformat",
        "productform",
        "productformat",
        "formatcode",
        "bindingtype",
    ),
    "year": ("year", "pubyear", "publicationyear", "yearpublished", "originalpublicationyear"),
    "published": (
        *("pubdate", "publicationdate", "published", "datepublished", "dateofpublication"),
        *("publishdate", "publisheddate", "releasedate"),
    ),
    "street_date": (
        *("streetdate", "onsaledate", "strictonsaledate", "strictonsale", "laydowndate"),
        *("embargodate", "salesembargodate"),
    ),
    "price": (
        *("price", "sellingprice", "saleprice", "ourprice", "unitprice", "retailprice", "retail"),
        *("listprice", "list", "rrp", "srp", "msrp"),
    ),
    "tax_class": ("taxclass", "taxcode", "taxcategory", "vatclass", "vatcode", "tax"),
    "stock": (
        *("stock", "onhand", "qtyonhand", "quantityonhand", "stockonhand", "qoh", "instock", "count"),
        *("stockcount", "openingstock", "qty", "quantity", "copies", "inventory"),
    ),
    "shelf": ("shelf", "shelflocation", "location", "bin", "section"),
    "on_order": (
        "onorder",
        "qtyonorder",
        "quantityonorder",
        "onorderqty",
        "onorderquantity",
        "copiesonorder",
    ),
    "demand": (
        *("popularity", "demand", "sales", "unitssold", "copiessold", "qtysold", "quantitysold", "sold"),
        *("unitsales", "ratingscount", "numberofratings"),
    ),
    "language": ("language", "languagecode", "lang"),
    "pages": ("pages", "pagecount", "numberofpages", "numpages", "noofpages"),
    "subjects": (
        *("subjects", "subject", "bisac", "bisaccode", "bisaccodes", "bisacsubject", "bisacsubjects"),
        *("bisaccategory", "category", "categories", "genre", "genres", "thema"),
    ),
    "weight": tuple(base + of + unit for of in ("", "in") for unit in ("", *_UNITS) for base in _WEIGHTS),
    "discount": ("discount", "discountcode", "discountlevel", "discountpercent", "discountschedule"),
    "returnable": ("returnable", "returnindicator", "returncode", "returnflag", "returnstatus"),
    "last_return": ("lastreturndate", "lastreturn", "returnby", "returnbydate", "returndeadline"),
    "availability": ("availability", "availabilitycode", "productavailability"),
}
"""The usual names of each column, without blanks and marks; the first one found in a file counts."""

_MEANING = {name: field for field, names in _SPELLINGS.items() for name in names}
_ANY_EAN = ("upc", "upca", "upcean", "ean", "ean13", "gtin", "gtin13", "barcode")
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")


def known_headings(headings: Sequence[str], columns: Mapping[str, str]) -> int:
    """Return how many of these headings are known or were mapped."""
    mapped = {_stands(heading) for heading in columns}
    return sum(_name(heading) in _MEANING or _stands(heading) in mapped for heading in headings)


def recognise(headings: Sequence[str], columns: Mapping[str, str]) -> tuple[str, ...]:
    """Return the field of each heading, "" for a column that is left out.

    `columns` are the headings that a person mapped, as they stand, and the fields or "": they go before
    the usual names. Of several usual names of one field the first in `_SPELLINGS` counts. One field may
    come out twice: see `refuse_unclear`.
    """
    mapped = {_stands(heading): field for heading, field in columns.items()}
    names = [_name(heading) for heading in headings]
    found = [mapped.get(_stands(heading)) for heading in headings]
    free = {name for name, field in zip(names, found, strict=True) if field is None}
    usual = {
        field: next((name for name in spellings if name in free), "")
        for field, spellings in _SPELLINGS.items()
        if field not in found
    }
    return tuple(
        _usual_field(name, usual) if field is None else field
        for name, field in zip(names, found, strict=True)
    )


def _usual_field(name: str, usual: Mapping[str, str]) -> str:
    field = _MEANING.get(name, "")
    return field if field == "code" or usual.get(field) == name else ""


def refuse_unclear(headings: Sequence[str], fields: Sequence[str]) -> None:
    """Raise Refused where `recognise` found two columns for one field, or none that says what a row is."""
    for field in dict.fromkeys(fields):
        same = [clean(heading, 40) for heading, f in zip(headings, fields, strict=True) if f == field]
        if field in ("", "code") or len(same) == 1:
            continue
        if _name(same[0]) == _name(same[1]):
            raise Refused("headings", f'Two columns are headed "{same[0]}". Keep one of them.')
        label = FIELDS.get(field, field)
        raise Refused("headings", f'"{same[0]}" and "{same[1]}" are both {label}. Leave one of them out.')
    if not {"code", "sku"} & set(fields):
        raise Refused(
            "headings",
            "The first line must name the columns, and one of them must be ISBN, EAN or SKU. "
            "Others are title, author, publisher, year, price, tax class, stock and shelf.",
        )


def refuse_unknown(headings: Sequence[str], columns: Mapping[str, str]) -> None:
    """Raise Refused where `columns` maps to what is no field, or a heading that is not there."""
    stand = {_stands(heading) for heading in headings}
    for heading, field in columns.items():
        if field and field not in FIELDS:
            raise Refused("headings", f'"{clean(field, 40)}" is nothing that a column can be.')
        if field and _stands(heading) not in stand:
            raise Refused("headings", f'No column is headed "{clean(heading, 40)}".')


def is_any_ean(heading: str) -> bool:
    """Say whether a column of codes is one of EANs or UPCs rather than of ISBNs."""
    return _name(heading) in _ANY_EAN


def unit_of(heading: str) -> str:
    """Return the unit that a heading names, "Weight (lb)": g, kg, oz or lb; else nothing."""
    words = "".join(c if c.isalnum() else " " for c in clean(heading, 60).casefold()).split()
    last = words[-1] if words else ""
    for base in _WEIGHTS:
        last = last.removeprefix(base)
    return unit(last.removeprefix("in") if last not in _UNITS else last)


def unit(word: str) -> str:
    """Return g, kg, oz or lb for a word that means it; else nothing."""
    return _UNITS.get(word.casefold(), "")


def _stands(heading: str) -> str:
    return clean(heading, 200)


def _name(heading: str) -> str:
    return "".join(c for c in _BRACKETS.sub("", clean(heading, 60)).casefold() if c.isalnum())
