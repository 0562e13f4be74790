"""ONIX messages for tests: put together, written with short tags, and judged by EDItEUR's own schemas."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from onixcheck.models import OnixFile
from onixcheck.schema import O30_XSD_SHORT, O31_XSD_SHORT

DATA = Path(__file__).parent.parent / "data" / "onix"
ISBN = "9780007232833"
OTHER_ISBN = "9780140177398"
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
SHORT_SCHEMAS = {"3.0": O30_XSD_SHORT, "3.1": O31_XSD_SHORT}

DEFAULT_FORM = "<ProductForm>BC</ProductForm>"
DEFAULT_TITLE = (
    "<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>"
    "<TitleText>Roseanna</TitleText></TitleElement></TitleDetail>"
)
IMPRINT = "<Imprint><ImprintName>Tor Teen</ImprintName></Imprint>"
DEFAULT_ISSUED = "<PublishingStatus>04</PublishingStatus>"


class _Named(io.BytesIO):
    name = "message.xml"


def faults(xml: bytes) -> list[str]:
    """Return what onixcheck finds wrong with a message, by the schema of its release and style."""
    file = OnixFile(_Named(xml))
    schema = _schema(file.meta.onix_version, file.meta.onix_style)
    schema(file.xml_tree())
    return [str(entry) for entry in schema.error_log]


@cache
def _schema(release: str, style: str) -> Any:
    return OnixFile(_Named(f'<{_ROOTS[style]} release="{release}"/>'.encode())).get_validator("xsd")


_ROOTS = {"reference": "ONIXMessage", "short": "ONIXmessage"}


@cache
def short_names(release: str) -> dict[str, str]:
    """Return the short tag of each reference tag, as the schema for short tags has them."""
    found = {}
    for element in etree.parse(SHORT_SCHEMAS[release]).getroot().iterchildren(f"{SCHEMA}element"):
        for attribute in element.iter(f"{SCHEMA}attribute"):
            if attribute.get("name") == "refname":
                found[next(attribute.iter(f"{SCHEMA}enumeration")).get("value")] = element.get("name")
    return found


def shortened(xml: bytes) -> bytes:
    """Return a message with short tags instead of reference tags."""
    root = etree.fromstring(xml)
    release = root.get("release")
    names = short_names(release)
    assert names["RecordReference"] == "a001"
    space = f"http://ns.editeur.org/onix/{release}/short"

    def renamed(element: Any) -> Any:
        tag = f"{{{space}}}{names[etree.QName(element).localname]}"
        copy = etree.Element(tag, element.attrib, nsmap={None: space})
        copy.text, copy.tail = element.text, element.tail
        copy.extend([renamed(child) for child in element if isinstance(child.tag, str)])
        return copy

    return etree.tostring(renamed(root), xml_declaration=True, encoding="UTF-8")


def message(*products: str, release: str = "3.1", header: str = "") -> bytes:
    """Return a message of products with reference tags."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<ONIXMessage xmlns="http://ns.editeur.org/onix/{release}/reference" release="{release}">\n'
        f"<Header><Sender><SenderName>S</SenderName></Sender><SentDateTime>20260102</SentDateTime>{header}</Header>\n"
        f"{''.join(products) or '<NoProduct/>'}</ONIXMessage>\n"
    ).encode()


def product(
    *,
    reference: str = "r-1",
    kind: str = "03",
    codes: Sequence[tuple[str, str]] = (("15", ISBN),),
    form: str = DEFAULT_FORM,
    collection: str = "",
    title: str = DEFAULT_TITLE,
    people: str = "",
    about: str = "",
    named: str = IMPRINT,
    issued: str = DEFAULT_ISSUED,
    supply: str = "",
) -> str:
    """Return a product with the given XML in its blocks; without title or `issued` it lacks the block."""
    identifiers = "".join(
        f"<ProductIdentifier><ProductIDType>{kind_of_code}</ProductIDType><IDValue>{code}</IDValue>"
        "</ProductIdentifier>"
        for kind_of_code, code in codes
    )
    described = (
        f"<DescriptiveDetail><ProductComposition>00</ProductComposition>{form}{collection}{title}{people}{about}"
        "</DescriptiveDetail>"
    )
    published = f"<PublishingDetail>{named}{issued}</PublishingDetail>" if issued else ""
    return (
        f"<Product><RecordReference>{reference}</RecordReference><NotificationType>{kind}</NotificationType>"
        f"{identifiers}{described if title else ''}{published}{supply}</Product>\n"
    )


def title(*elements: str, kind: str = "01") -> str:
    """Return a title of elements."""
    return f"<TitleDetail><TitleType>{kind}</TitleType>{''.join(elements)}</TitleDetail>"


def element(level: str, words: str, part: str = "", subtitle: str = "") -> str:
    """Return an element of a title: its level, its words as XML, what part it is."""
    number = f"<PartNumber>{part}</PartNumber>" if part else ""
    below = f"<Subtitle>{subtitle}</Subtitle>" if subtitle else ""
    return (
        f"<TitleElement><TitleElementLevel>{level}</TitleElementLevel>{number}{words}{below}</TitleElement>"
    )


def person(name: str, *roles: str, place: int = 0) -> str:
    """Return a contributor: a name as XML, or plain as it is spoken."""
    order = f"<SequenceNumber>{place}</SequenceNumber>" if place else ""
    given = "".join(f"<ContributorRole>{role}</ContributorRole>" for role in roles)
    named = name if "<" in name else f"<PersonName>{name}</PersonName>"
    return f"<Contributor>{order}{given}{named}</Contributor>"


def day(tag: str, role: str, text: str, form: str = "00") -> str:
    """Return a date of a role, in a format of list 55."""
    return f'<{tag}><{tag}Role>{role}</{tag}Role><Date dateformat="{form}">{text}</Date></{tag}>'


def price(amount: str, currency: str = "USD", kind: str = "01", *, before: str = "", after: str = "") -> str:
    """Return a price; `before` stands behind its type, `after` behind its currency."""
    coin = f"<CurrencyCode>{currency}</CurrencyCode>" if currency else ""
    sort = f"<PriceType>{kind}</PriceType>" if kind else ""
    return f"<Price>{sort}{before}<PriceAmount>{amount}</PriceAmount>{coin}{after}</Price>"


def territory(*included: str, but: str = "") -> str:
    """Return a territory: countries, or WORLD or another region, with countries left out."""
    regions = [place for place in included if len(place) != 2]
    countries = [place for place in included if len(place) == 2]
    inner = f"<CountriesIncluded>{' '.join(countries)}</CountriesIncluded>" if countries else ""
    inner += f"<RegionsIncluded>{' '.join(regions)}</RegionsIncluded>" if regions else ""
    inner += f"<CountriesExcluded>{but}</CountriesExcluded>" if but else ""
    return f"<Territory>{inner}</Territory>"


UNPRICED = "<UnpricedItemType>02</UnpricedItemType>"


def detail(
    *prices: str,
    availability: str = "21",
    before: str = "",
    dates: str = "",
    stock: str = "",
    name: str = "S",
) -> str:
    """Return a supplier's detail."""
    return (
        f"<SupplyDetail><Supplier><SupplierRole>01</SupplierRole><SupplierName>{name}</SupplierName></Supplier>"
        f"{before}<ProductAvailability>{availability}</ProductAvailability>{dates}{stock}"
        f"{''.join(prices) or UNPRICED}</SupplyDetail>"
    )


def supply(*details: str, market: str = "", dates: str = "") -> str:
    """Return the supply of one market, which is a territory."""
    where = f"<Market>{market}</Market>" if market else ""
    status = "<MarketPublishingStatus>04</MarketPublishingStatus>"
    published = f"<MarketPublishingDetail>{status}{dates}</MarketPublishingDetail>" if dates else ""
    return f"<ProductSupply>{where}{published}{''.join(details)}</ProductSupply>"
