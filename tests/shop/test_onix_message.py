"""ONIX as XML: what is recognised, what is refused and in which words, what broken and hostile files do."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.onix import onix_release, read_onix
from bookwish_desk.shop.onix_message import read_products
from bookwish_desk.shop.title import RejectedRow, TitleRow
from tests.shop.onix_files import DATA, faults, message, product, shortened

REAL = (DATA / "onix31-single.xml").read_bytes()
MANY = (DATA / "onix30-multi.xml").read_bytes()
OLD = b"""<?xml version="1.0"?>
<!DOCTYPE ONIXMessage SYSTEM "http://www.editeur.org/onix/2.1/reference/onix-international.dtd">
<ONIXMessage><Header><FromCompany>S</FromCompany><SentDate>20060101</SentDate></Header>
<Product><RecordReference>1</RecordReference><NotificationType>03</NotificationType></Product></ONIXMessage>"""


def read(xml: bytes, size: int = 1 << 20) -> list[TitleRow | RejectedRow]:
    pieces = (xml[at : at + size] for at in range(0, len(xml), size))
    return list(read_onix(pieces, currency=Currency("GBP", "en_GB"), on="2026-11-22"))


def refusal(xml: bytes, size: int = 1 << 20) -> str:
    with pytest.raises(Refused) as caught:
        read(xml, size)
    message = caught.value.message
    assert message.endswith(".") and "\n" not in message and len(message) < 200
    return message


def instead(old: bytes, new: bytes) -> bytes:
    assert old in REAL
    return REAL.replace(old, new, 1)


# ---- what it is ----


@pytest.mark.parametrize(
    ("start", "release"),
    [
        (REAL, "3.1"),
        (MANY, "3.0"),
        (MANY[:4_000], "3.0"),
        (shortened(REAL), "3.1"),
        (shortened(MANY), "3.0"),
        (b"\xef\xbb\xbf" + REAL, "3.1"),
        (b"\r\n  " + REAL, "3.1"),
        (b'<ONIXMessage release="3.0"><Header>', "3.0"),
        (b'<ONIXmessage release="3.0.8">', "3.0"),
        (b'<ONIXMessage xmlns="http://ns.editeur.org/onix/3.1/reference">', "3.1"),
        (b'<o:ONIXMessage xmlns:o="http://ns.editeur.org/onix/3.1/reference">', "3.1"),
        (b"<ONIXMessage><Product><DescriptiveDetail/>", "3.0"),
        (b"", None),
        (b"ISBN,Title\n9780007232833,<b>Roseanna</b>\n", None),
        (b"<html><body>ONIX</body></html>", None),
        (b"<html><!ENTITY", None),
        (b"<<<", None),
        (b"\x00\xff\x00", None),
    ],
)
def test_what_a_file_is(start: bytes, release: str | None) -> None:
    assert onix_release(start) == release


@pytest.mark.parametrize(
    "start",
    [
        OLD,
        OLD[:200],
        b'<ONIXMessage release="2.1"><Header/>',
        b'<ONIXmessage xmlns="http://www.editeur.org/onix/2.1/short"><header/>',
        b'<ONIXMessage release="1.2">',
        b"<ONIXMessage><Header/><Product><Title/></Product></ONIXMessage>",
    ],
)
def test_older_releases_are_refused_in_a_sentence(start: bytes) -> None:
    with pytest.raises(Refused) as caught:
        onix_release(start)
    assert caught.value.code == "onix_2"
    assert refusal(start) == caught.value.message
    assert caught.value.message.startswith("This is ONIX ")
    assert caught.value.message.endswith("ask the publisher for the same list as ONIX 3.0 or 3.1.")


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (
            b'<ONIXMessageAcknowledgement release="3.0"/>',
            "This is an ONIX acknowledgement, not a list of titles.",
        ),
        (b"<ONIXCodeTable/>", "This is ONIX, but not a list of titles: it begins with ONIXCodeTable."),
        (b'<ONIXMessage release="4.0"/>', "This is ONIX 4.0, and only ONIX 3.0 and 3.1 can be read."),
        (b"<html/>", "This is not an ONIX file."),
        (b"", "This is not an ONIX file."),
    ],
)
def test_other_files_are_refused_in_a_sentence(xml: bytes, said: str) -> None:
    assert refusal(xml) == said


# ---- how it may be written ----


def in_utf_16(xml: bytes) -> bytes:
    return xml.decode().replace("UTF-8", "UTF-16").encode("utf-16")


@pytest.mark.parametrize(
    "xml",
    [
        b"\xef\xbb\xbf" + REAL,
        b"\r\n" + REAL,
        in_utf_16(REAL),
        REAL.decode().replace("UTF-8", "UTF-16").encode("utf-16-be"),
        REAL.decode().replace("UTF-8", "iso-8859-1").encode("iso-8859-1"),
        REAL.decode().replace("UTF-8", "windows-1252").encode("windows-1252"),
        instead(b' xmlns="http://ns.editeur.org/onix/3.1/reference"', b""),
        instead(b"<ONIXMessage xmlns=", b'<ONIXMessage note="a &gt; b" xmlns='),
        REAL.replace(b"<ONIXMessage xmlns=", b"<o:ONIXMessage xmlns:o=")
        .replace(b"</ONIXMessage", b"</o:ONIXMessage")
        .replace(b"<Product>", b'<Product xmlns="http://ns.editeur.org/onix/3.1/reference">'),
        instead(b"Roseanna", b"<![CDATA[Rose]]>an<!-- a comment --><?and?>na"),
        instead(b"Roseanna", b"&#82;ose&#x61;nna"),
        instead(b"Sj\xc3\xb6wall", b"Sj&#246;wall"),
        instead(b"<ONIXMessage", b"<!-- from <ONIX> with love --><ONIXMessage"),
        instead(b"<ONIXMessage", b'<!DOCTYPE ONIXMessage SYSTEM "http://x.invalid/a.dtd"><ONIXMessage'),
        REAL.replace(b"\n", b"\r\n"),
        REAL.replace(b"\t", b""),
        b'<?xml version="1.1" encoding="UTF-8"?>' + REAL.partition(b"?>")[2],
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_however_it_is_written_it_says_the_same(xml: bytes, size: int) -> None:
    assert read(xml, size) == read(REAL)


def test_real_files_are_read_the_same_in_pieces_of_any_size() -> None:
    whole = read(MANY)
    assert len(whole) == 10
    for size in (1, 13, 4_096, 65_537):
        assert read(MANY, size) == whole


def test_characters_that_an_external_dtd_names_are_known_by_name() -> None:
    dtd = b'<!DOCTYPE ONIXMessage SYSTEM "http://x.invalid/onix.dtd">'
    xml = instead(b"<ONIXMessage", dtd + b"<ONIXMessage")
    xml = xml.replace(b"Roseanna", b"R&ouml;s&eacute;<!-- -->anna &unheard; &amp; more", 1)
    (row,) = read(xml)
    assert isinstance(row, TitleRow)
    assert row.title == "Röséanna &unheard; & more"
    assert row.authors == "Maj Sjöwall, Per Wahlöö"


def test_an_external_dtd_is_never_read(tmp_path: Path) -> None:
    dtd = tmp_path / "onix.dtd"
    dtd.write_text('<!ENTITY eacute "FETCHED"><!ATTLIST IDValue dateformat CDATA "FETCHED">')
    for place in (dtd.as_uri(), str(dtd)):
        doctype = f'<!DOCTYPE ONIXMessage SYSTEM "{place}"><ONIXMessage'.encode()
        (row,) = read(instead(b"<ONIXMessage", doctype).replace(b"Roseanna", b"Ros&eacute;", 1))
        assert isinstance(row, TitleRow)
        assert row.title == "Rosé"


def test_quotation_marks_of_windows_are_put_right() -> None:
    xml = (
        instead(b"UTF-8", b"ISO-8859-1")
        .decode()
        .encode("iso-8859-1")
        .replace(b"Roseanna", b"\x93Rose\x94 \x81", 1)
    )
    (row,) = read(xml)
    assert isinstance(row, TitleRow)
    assert row.title == "“Rose”"


# ---- what is broken ----


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (
            instead(b"</IDValue>", b"</IDVal>"),
            "The file is damaged in line 21: Opening and ending tag mismatch",
        ),
        (instead(b"Roseanna", b"Rose & anna"), "The file is damaged in line 84: "),
        (instead(b"Roseanna", b"Ros\xe4nna"), "Line 84 holds a character"),
        (instead(b"Roseanna", b"Rose\x01anna"), "Line 84 holds a character"),
        (instead(b"Roseanna", b"&#0;"), "Line 84 holds a character"),
        (instead(b"Roseanna", b"&#x110000;"), "Line 84 holds a character"),
        (instead(b"Roseanna", b"Ros&eacute;"), "Line 84 names a character that the file does not declare: "),
        (instead(b"<IDValue>", b'<IDValue x="&eacute;">'), "Line 21 names a character"),
        (instead(b"UTF-8", b"utf-99"), "Line 1 holds a character"),
        (instead(b"UTF-8", b"UTF-16"), "in line 1"),
        (instead(b"<RecordReference>", b"<q:RecordReference>"), "The file is damaged in line 16: "),
        (instead(b'release="3.1"', b'release="3.1" release="3.1"'), "The file is damaged in line 2: "),
        (instead(b"<Header>", b'<?xml version="1.0"?><Header>'), "The file is damaged in line 3: "),
        (REAL + b"<x/>", "The file is damaged in line 373: "),
        (REAL + b"\0", "The file is damaged in line 373: "),
        (in_utf_16(REAL)[:-301], "The file breaks off in line 3"),
    ],
)
@pytest.mark.parametrize("size", [777, 1 << 20])
def test_broken_files_are_refused_in_a_sentence(xml: bytes, said: str, size: int) -> None:
    assert said in refusal(xml, size)


@pytest.mark.parametrize("share", range(1, 20))
def test_a_file_that_breaks_off_is_refused_wherever_it_does(share: int) -> None:
    at = len(REAL) * share // 20
    assert refusal(REAL[:at]).startswith("The file breaks off in line ")


@pytest.mark.parametrize(
    "behind",
    [
        b"<RecordRef",
        b"<IDValue",
        b"</IDVal",
        b'release="3',
        b"<!-- product",
        b"<![CDATA[x",
        b"&am",
        b"Sj\xc3",
    ],
)
def test_a_file_that_breaks_off_in_any_kind_of_place_is_refused(behind: bytes) -> None:
    xml = REAL if behind in REAL else instead(b"Roseanna", behind)
    assert refusal(xml[: xml.index(behind) + len(behind)]).startswith(
        ("The file breaks off in", "Line 107 holds")
    )


def test_rows_before_the_damage_come_first() -> None:
    rows = read_onix([MANY[:60_000]], currency=Currency(), on="2026-11-22")
    found = []
    with pytest.raises(Refused, match="breaks off"):
        for row in rows:
            found.append(row)
    assert 5 < len(found) < 10


# ---- what is hostile ----

BOMB = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">'
PARAMETER = b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://x.invalid/a.dtd"> %a;'
DEFAULTS = b'<!DOCTYPE x [<!ATTLIST Product z CDATA "' + b"z" * 5_000 + b'">'
RULES = b"<!DOCTYPE x [<!ELEMENT Product ANY>"


@pytest.mark.parametrize("rules", [BOMB, OUTSIDE, PARAMETER, DEFAULTS, RULES], ids=lambda x: x[:30].decode())
@pytest.mark.parametrize("written", [bytes, in_utf_16])
@pytest.mark.parametrize("used", [b"Roseanna", b"&a;", b"&m;"])
def test_a_file_that_declares_entities_is_refused_before_they_are_used(rules, written, used: bytes) -> None:
    xml = written(instead(b"<ONIXMessage", rules + b"]><ONIXMessage").replace(b"Roseanna", used, 1))
    said = "The file declares XML entities or rules of its own, which ONIX never needs: it was not read."
    assert refusal(xml) == said
    with pytest.raises(Refused, match="declares XML entities"):
        onix_release(xml)


def test_entities_are_found_where_no_first_glance_reaches() -> None:
    xml = instead(b"<ONIXMessage", b"<!--<ONIX-->" + BOMB + b"]><ONIXMessage").replace(b"Roseanna", b"&m;", 1)
    assert "declares XML entities" in refusal(xml)


@pytest.mark.parametrize("inside", [b"<x>", b"<Product>", b"<ProductSupply>"])
def test_a_file_nested_too_deep_is_refused(inside: bytes) -> None:
    closing = inside.replace(b"<", b"</")
    for depth in (300, 100_000):
        deep = instead(b"<ProductSupply>", inside * depth + closing * depth + b"<ProductSupply>")
        assert "longer or nested deeper than any ONIX record" in refusal(deep)
    shallow = instead(b"<ProductSupply>", inside * 100 + closing * 100 + b"<ProductSupply>")
    assert [row.line for row in read(shallow)] == [1]


MUCH = 20 << 20


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Roseanna", b"A" * MUCH),
        (b"<RecordReference>", b'<RecordReference z="' + b"A" * MUCH + b'">'),
        (b"<RecordReference>", b"<!--" + b"A" * MUCH + b"--><RecordReference>"),
        (b"<RecordReference>", b"<" + b"A" * MUCH + b"/><RecordReference>"),
        (b"<RecordReference>", b"<x/>" * (MUCH // 4) + b"<RecordReference>"),
        (b"<RecordReference>", b"<Product></Product>" * (MUCH // 19) + b"<RecordReference>"),
        (b"<Product>", b"<x>junk</x>" * (MUCH // 11) + b"<Product>"),
    ],
    ids=["text", "attribute", "comment", "name", "elements", "records in a record", "between records"],
)
def test_what_is_larger_than_any_record_is_refused(old: bytes, new: bytes) -> None:
    said = refusal(instead(old, new), 1 << 16)
    assert said in ("A record is larger than 8 MB: that is no ONIX.", _LONG) or "damaged" in said


_LONG = "Line 16 is longer or nested deeper than any ONIX record is."


def test_text_of_a_megabyte_refuses_its_record_only() -> None:
    long = product(reference="r-2").replace("Roseanna", "A" * (1 << 20))
    found = read(message(product(), long, product(reference="r-3")))
    assert [type(row) for row in found] == [TitleRow, RejectedRow, TitleRow]


def test_a_record_that_says_everything_twice_is_read() -> None:
    xml = REAL.replace(b"<DescriptiveDetail>", b"<DescriptiveDetail></DescriptiveDetail><DescriptiveDetail>")
    assert read(xml) == read(REAL)


def test_records_are_cut_off_as_they_are_read() -> None:
    head, _, rest = MANY.partition(b"  <Product>")
    block = b"  <Product>" + rest.replace(b"</ONIXMessage>", b"")

    def pieces(times: int) -> Iterator[bytes]:
        yield head
        for _ in range(times):
            yield block
        yield b"</ONIXMessage>"

    def peak(times: int) -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_products(pieces(times))) == 10 * times
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2)
    few = peak(20)
    assert peak(200) < 1.5 * few


def test_the_samples_that_are_put_together_are_valid() -> None:
    xml = message(product(), product(reference="r-2"))
    assert faults(xml) == [] and faults(shortened(xml)) == []
    assert faults(message(product(kind="77"))) != []


# ---- anything at all ----

TAGS = [
    "Product",
    "product",
    "Header",
    "RecordReference",
    "a001",
    "NotificationType",
    "a002",
    "DescriptiveDetail",
]
TAGS += [
    "TitleDetail",
    "TitleElement",
    "TitleText",
    "b203",
    "ProductSupply",
    "SupplyDetail",
    "Price",
    "PriceAmount",
]
TAGS += [
    "PriceDate",
    "Date",
    "b306",
    "Territory",
    "CountriesIncluded",
    "Contributor",
    "ContributorRole",
    "Measure",
]
TAGS += [
    "ProductIdentifier",
    "ProductIDType",
    "IDValue",
    "Extent",
    "ExtentValue",
    "Stock",
    "OnHand",
    "Collection",
]
WORDS = [
    "01",
    "02",
    "03",
    "15",
    "USD",
    "9780007232833",
    "20260101",
    "-1",
    "1e9",
    "NaN",
    "08",
    "gr",
    "",
    " ",
    "é",
]


def _trees() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(WORDS) | st.text(
        st.characters(exclude_characters="<&\r", codec="utf-8"), max_size=9
    )
    return st.recursive(
        leaf.map(lambda text: "".join(c for c in text if c.isprintable())),
        lambda inner: st.lists(st.tuples(st.sampled_from(TAGS), inner), max_size=6).map(
            lambda parts: "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts)
        ),
        max_leaves=30,
    )


def taken(xml: bytes) -> None:
    """Read what may be anything: rows, refused rows and a refusal are all that may come of it."""
    try:
        for row in read(xml):
            assert isinstance(row, (TitleRow, RejectedRow))
            if isinstance(row, TitleRow):
                assert row.ean and len(row.title) <= 500 and len(row.raw) <= 1_000
    except Refused as refused:
        assert refused.message


@given(_trees())
@settings(max_examples=300)
def test_any_tree_of_known_tags_is_read_or_refused(tree: str) -> None:
    taken(f'<ONIXMessage release="3.0"><Product>{tree}</Product></ONIXMessage>'.encode())
    taken(message(product().replace("</Product>", f"{tree}</Product>")))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    taken(noise)
    taken(b'<ONIXMessage release="3.1"><Product>' + noise)


@given(st.data())
@settings(max_examples=300)
def test_a_real_file_with_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    xml = bytearray(data.draw(st.sampled_from([REAL, MANY[:20_000], in_utf_16(REAL)])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(xml) - 1))
        size = data.draw(st.integers(0, 40))
        xml[at : at + size] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b"<", b">", b"&a;", b"]]>", b"\0"])
        )
    taken(bytes(xml))
