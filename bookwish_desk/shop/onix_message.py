"""ONIX for Books 3.0 and 3.1 as it comes: a stream of XML to what its records say, tag by tag.

Reference and short tags come out alike. XML that is broken, or made to break a reader, is refused in a
sentence; nothing that a file points to is ever fetched. What the codes mean to a shop is `onix`'s business.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean

Node = dict[str, Any]
"""What stands in an element, by reference names: text, a node, or a list of what may be repeated.

A date is (format, text); each of `LATER` is a function that reads its node, while its product is at hand.
What is not there has no entry, nor has any element that is not read.
"""

LATER = "SupplyDetail"
"""Is read when it is asked for: a record may have dozens, for as many countries, and a shop is in one."""

MOST_RECORD = 8 << 20
"""Bytes of XML that a record may have. The largest real ones, with all their texts, have a fiftieth."""

_PIECE = 1 << 18
_START = 1 << 16

# Each element that is read by its reference name, with its short tag where it holds text and with its
# own elements where it holds those (its short tag is then the same name in small letters). What may be
# repeated stands in a list, or in a tuple if it is text.
_DATE = "b306"
_DATES = {"DateFormat": "j260", "Date": _DATE}
_TITLES = [
    {
        "TitleType": "b202",
        "TitleElement": [
            {
                "SequenceNumber": "b034",
                "TitleElementLevel": "x409",
                "PartNumber": "x410",
                "YearOfAnnual": "b020",
                "TitlePrefix": "b030",
                "TitleWithoutPrefix": "b031",
                "TitleText": "b203",
                "Subtitle": "b029",
            }
        ],
    }
]
_DESCRIPTION = {
    "ProductForm": "b012",
    "ProductFormDetail": ("b333",),
    "Measure": [{"MeasureType": "x315", "Measurement": "c094", "MeasureUnitCode": "c095"}],
    "Collection": [
        {
            "CollectionSequence": [{"CollectionSequenceType": "x479", "CollectionSequenceNumber": "x481"}],
            "TitleDetail": _TITLES,
        }
    ],
    "TitleDetail": _TITLES,
    "Contributor": [
        {
            "SequenceNumber": "b034",
            "ContributorRole": ("b035",),
            "PersonName": "b036",
            "PersonNameInverted": "b037",
            "NamesBeforeKey": "b039",
            "PrefixToKey": "b247",
            "KeyNames": "b040",
            "SuffixToKey": "b248",
            "CorporateName": "b047",
            "UnnamedPersons": "b249",
        }
    ],
    "Language": [{"LanguageRole": "b253", "LanguageCode": "b252"}],
    "Extent": [{"ExtentType": "b218", "ExtentValue": "b219", "ExtentUnit": "b220"}],
    "Subject": [{"MainSubject": "x425", "SubjectSchemeIdentifier": "b067", "SubjectCode": "b069"}],
}
_PUBLISHING = {
    "Imprint": {"ImprintName": "b079"},
    "Publisher": [{"PublishingRole": "b291", "PublisherName": "b081"}],
    "PublishingStatus": "b394",
    "PublishingDate": [{"PublishingDateRole": "x448", **_DATES}],
}
_TERRITORY = {"CountriesIncluded": "x449", "RegionsIncluded": "x450", "CountriesExcluded": "x451"}
_SUPPLY = {
    "Market": [{"Territory": _TERRITORY}],
    "MarketPublishingDetail": {"MarketDate": [{"MarketDateRole": "j408", **_DATES}]},
    LATER: [
        {
            "Supplier": {"SupplierName": "j137"},
            "ReturnsConditions": [{"ReturnsCodeType": "j268", "ReturnsCode": "j269"}],
            "ProductAvailability": "j396",
            "SupplyDate": [{"SupplyDateRole": "x461", **_DATES}],
            "Stock": [{"OnHand": "j350", "OnOrder": "j351"}],
            "Price": [
                {
                    "PriceType": "x462",
                    "PriceQualifier": "j261",
                    "PriceConstraint": [{"PriceConstraintType": "x529"}],
                    "PriceCondition": [{"PriceConditionType": "x463"}],
                    "MinimumOrderQuantity": "j263",
                    "DiscountCoded": [{"DiscountCode": "j364"}],
                    "Discount": [{"DiscountPercent": "j267"}],
                    "PriceAmount": "j151",
                    "CurrencyCode": "j152",
                    "Territory": _TERRITORY,
                    "PriceDate": [{"PriceDateRole": "x476", **_DATES}],
                }
            ],
        }
    ],
}
ELEMENTS: Node = {
    "Header": {
        "SentDateTime": "x307",
        "DefaultLanguageOfText": "m184",
        "DefaultPriceType": "x310",
        "DefaultCurrencyCode": "m186",
    },
    "Product": {
        "RecordReference": "a001",
        "NotificationType": "a002",
        "ProductIdentifier": [{"ProductIDType": "b221", "IDValue": "b244"}],
        "DescriptiveDetail": _DESCRIPTION,
        "PublishingDetail": _PUBLISHING,
        "ProductSupply": [_SUPPLY],
    },
}

_Shape = dict[str, tuple[str, Any, bool]]
_NAMESPACE = re.compile(rb"""(<ONIX[Mm]essage\b[^<>]*?)(\sxmlns\s*=\s*["']http://[^"'<>]*["'])""")
_AHEAD = b"\xef\xbb\xbf\xff\xfe \t\r\n"
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_DECLARES = re.compile(rb"<!(?:entity|attlist|element|notation)")
_OLD_DTD = re.compile(r"onix/[12]|onix-international", re.IGNORECASE)


def release_of(start: bytes) -> str | None:
    """Return the release of ONIX that a file beginning with these bytes is in: "3.0" or "3.1".

    None for a file that is no ONIX at all. Some 64 KB are enough. Raises Refused for ONIX 2.1 and
    earlier, for ONIX that is no list of products, and for XML that declares entities of its own.
    """
    plain = _COMMENT.sub(b"", start.replace(b"\0", b"").lower())  # what matters is ASCII, in UTF-16 too
    if not plain.lstrip(_AHEAD).startswith(b"<"):
        return None
    is_onix = b"<onix" in plain
    if _DECLARES.search(plain.partition(b"<onix")[0]):
        if is_onix:
            raise _entities()
        return None
    from lxml import etree

    parser = etree.XMLPullParser(events=("start",), **_careful())
    broken: Any = None
    try:
        parser.feed(start.lstrip())
    except etree.XMLSyntaxError as error:
        broken = error  # behind the first tag it is said when the file is read
    _, root = next(iter(parser.read_events()), ("", None))
    if root is None:
        if is_onix:
            raise _broken(parser, broken, at_end=broken is None)
        return None
    name = etree.QName(root)
    if not name.localname.casefold().startswith("onix"):
        return None
    if name.localname.casefold() != "onixmessage":
        raise _no_products(name.localname)
    return _release(
        root.get("release") or "", name.namespace or "", root.getroottree().docinfo.doctype, plain
    )


def _release(said: str, namespace: str, doctype: str, plain: bytes) -> str:
    """Return 3.0 or 3.1; raises Refused. Releases before 3 did not have to say which they are."""
    if not said:
        found = re.search(r"onix/(\d\.\d)", namespace)
        said = found[1] if found else ""
    if not said:
        is_new = b"<descriptivedetail" in plain and not _OLD_DTD.search(doctype)
        said = "3.0" if is_new else "2.1"
    if said.startswith(("1", "2")):
        raise Refused(
            "onix_2",
            f"This is ONIX {clean(said, 8)}, which is out of use: "
            "ask the publisher for the same list as ONIX 3.0 or 3.1.",
        )
    if said[:3] not in ("3.0", "3.1"):
        raise Refused("onix", f"This is ONIX {clean(said, 8)}, and only ONIX 3.0 and 3.1 can be read.")
    return said[:3]


def _no_products(root: str) -> Refused:
    if "acknowledg" in root.casefold():
        return Refused("onix", "This is an ONIX acknowledgement, not a list of titles.")
    return Refused("onix", f"This is ONIX, but not a list of titles: it begins with {clean(root, 60)}.")


def _entities() -> Refused:
    return Refused(
        "onix", "The file declares XML entities or rules of its own, which ONIX never needs: it was not read."
    )


def _careful() -> Node:
    """Return how any file is parsed: nothing fetched, nothing expanded, libxml2's limits in force.

    `collect_ids=False` would be a little faster, but makes libxml2 load an external DTD after all.
    """
    return {
        "resolve_entities": False,
        "load_dtd": False,
        "no_network": True,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
        "remove_blank_text": True,
    }


def read_products(pieces: Iterable[bytes]) -> Iterator[tuple[Node, Node]]:
    """Yield header and record of each product of an ONIX 3 message, given in pieces of any size.

    Memory stays flat: what is to be read later is gone when the next is asked for. Raises Refused for all
    that `release_of` refuses, for what is not ONIX, and for XML that is broken, cut off, nested too deep or
    larger in one place than any record is.
    """
    from lxml import etree

    stream = _evenly(pieces)
    start = next(stream, b"")
    if release_of(start) is None:
        raise Refused("onix", "This is not an ONIX file.")
    # Without a namespace names are compared in half the time; blanks keep the columns of messages right.
    start = _NAMESPACE.sub(lambda found: found[1] + b" " * len(found[2]), start.lstrip(), count=1)
    parser = etree.XMLPullParser(
        events=("end",), tag=("{*}Header", "{*}header", "{*}Product", "{*}product"), **_careful()
    )
    reader = _Reader()
    since = 0
    at_end = False
    try:
        for piece in chain([start], stream):
            parser.feed(piece)
            if any(entry.level_name == "FATAL" for entry in parser.feed_error_log):
                raise _broken(parser, None, at_end)  # libxml2 would go on, and say nothing until the end
            since += len(piece)
            for _, element in parser.read_events():
                if not reader.is_record(element):
                    continue
                since = 0
                if (product := reader.read(element)) is not None:
                    yield reader.header, product
                reader.drop(element)
            if since > MOST_RECORD:
                raise Refused("onix", f"A record is larger than {MOST_RECORD >> 20} MB: that is no ONIX.")
        at_end = True
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _broken(parser, error, at_end) from None


def _evenly(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut and join what comes: enough at first to tell what it is, then no piece larger than 256 KB."""
    held = b""
    for piece in pieces:
        held += piece
        if len(held) < _START:
            continue
        yield from (held[at : at + _PIECE] for at in range(0, len(held), _PIECE))
        held = b""
    if held:
        yield held


class _Reader:
    """Reads records out of a tree that is still growing, and cuts off what has been read."""

    def __init__(self) -> None:
        self.header: Node = {}
        self._named = False
        self._root: Any = None

    def is_record(self, element: Any) -> bool:
        """Say whether an element stands where records do, and not inside of one."""
        if self._root is None:
            self._meet(element)
        return element.getparent() is self._root

    def read(self, element: Any) -> Node | None:
        """Return what a product says; None for the header, which is kept."""
        if self._named:
            _name_characters(element)
        namespace, _, name = element.tag.rpartition("}")
        found = _read(element, _shape(f"{namespace}}}" if namespace else "", name[0].upper() + name[1:]))
        if name[0] not in "hH":
            return found
        self.header = found
        return None

    def drop(self, element: Any) -> None:
        """Cut off a record that was read, and all that stands before it."""
        element.clear()
        while element.getprevious() is not None:
            del self._root[0]

    def _meet(self, element: Any) -> None:
        """Look at the document once. An external DTD, never fetched, may name characters: &eacute;."""
        tree = element.getroottree()
        self._root = tree.getroot()
        declared = tree.docinfo.internalDTD
        self._named = declared is not None
        if declared is not None and any(chain(declared.iterentities(), declared.iterelements())):
            raise _entities()


def _read(element: Any, shape: _Shape) -> Node:
    found: Node = {}
    for child in element:
        known = shape.get(child.tag)
        if known is None:
            continue
        name, inner, repeats = known
        if inner is None:
            value = child.text or ""
        elif inner is _DATE:
            value = (child.get("dateformat"), child.text or "")
        elif name is LATER:
            value = partial(_read, child, inner)
        else:
            value = _read(child, inner)
        if not repeats:
            found[name] = value
        elif name in found:
            found[name].append(value)
        else:
            found[name] = [value]
    return found


@lru_cache(maxsize=32)
def _shape(namespace: str, name: str) -> _Shape:
    return _shaped(namespace, ELEMENTS[name])


def _shaped(namespace: str, elements: Node) -> _Shape:
    """Return tag to name, inner shape and whether it repeats, for reference and short tags."""
    shape: _Shape = {}
    for name, kind in elements.items():
        repeats = isinstance(kind, (list, tuple))
        one = kind[0] if repeats else kind
        inner = _shaped(namespace, one) if isinstance(one, dict) else _DATE if one is _DATE else None
        short = one if isinstance(one, str) else name.lower()
        shape[namespace + name] = shape[namespace + short] = (name, inner, repeats)
    return shape


def _name_characters(element: Any) -> None:
    """Put characters for their names, such as &eacute;, in all text below."""
    from lxml import etree

    for entity in list(element.iter(etree.Entity)):
        text = html.unescape(entity.text) + (entity.tail or "")
        before, parent = entity.getprevious(), entity.getparent()
        if before is not None:
            before.tail = (before.tail or "") + text
        else:
            parent.text = (parent.text or "") + text
        parent.remove(entity)


_ODD_CHARACTERS = (9, 31, 32, 81, 6003)  # libxml2's codes: what XML does not allow, or not in the encoding
_UNNAMED = 26
_TOO_MUCH = (110, 114)
_NAMESPACES = range(200, 206)


def _broken(parser: Any, error: Any, at_end: bool) -> Refused:
    """Return in a sentence what libxml2 could not get past: its first error counts."""
    errors = (entry for entry in parser.feed_error_log if entry.level_name != "WARNING")
    first = next(errors, None)
    line = (first.line if first else getattr(error, "lineno", 1)) or 1
    code = first.type if first else getattr(error, "code", 0)
    words = clean((first.message if first else getattr(error, "msg", "")) or "", 120).rstrip(".")
    if code in _ODD_CHARACTERS:
        said = (
            f"Line {line:,} holds a character that XML does not allow or the file's encoding does not have."
        )
    elif code == _UNNAMED:
        said = f"Line {line:,} names a character that the file does not declare: {words}."
    elif code in _TOO_MUCH:
        said = f"Line {line:,} is longer or nested deeper than any ONIX record is."
    elif at_end and code not in _NAMESPACES:
        said = f"The file breaks off in line {line:,}: get it again, whole."
    else:
        said = f"The file is damaged in line {line:,}: {words}."
    return Refused("onix", said)
