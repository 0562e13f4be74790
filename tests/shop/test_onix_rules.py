"""What each part of an ONIX record means to a shop: names, dates, measures, suppliers and prices."""

from __future__ import annotations

import pytest

from bookwish_desk.shop.title import RejectedRow
from tests.shop.onix_files import (
    DEFAULT_TITLE,
    IMPRINT,
    day,
    detail,
    element,
    message,
    person,
    price,
    product,
    supply,
    territory,
    title,
)
from tests.shop.test_onix import only, priced, refusal, rows

OWN = element("01", "<TitleText>Own</TitleText>")


# ---- titles and names ----


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (title(element("01", "<TitleText> A  B\tC </TitleText>")), ("A B C", "")),
        (
            title(
                element("01", "<TitlePrefix>The</TitlePrefix><TitleWithoutPrefix>Box</TitleWithoutPrefix>")
            ),
            ("The Box", ""),
        ),
        (
            title(element("01", "<TitlePrefix>L’</TitlePrefix><TitleWithoutPrefix>Été</TitleWithoutPrefix>")),
            ("L’Été", ""),
        ),
        (title(element("01", "<NoPrefix/><TitleWithoutPrefix>Box</TitleWithoutPrefix>")), ("Box", "")),
        (title(element("01", "<TitleText>Box</TitleText>", subtitle="A tale")), ("Box", "A tale")),
        (title(element("01", "<TitleText>Box</TitleText>", part="Volume 2")), ("Box, Volume 2", "")),
        (
            title(element("02", "<TitleText>Wisden</TitleText>"), element("01", "", part="2011")),
            ("Wisden, 2011", ""),
        ),
        (
            title(
                element("02", "<TitleText>Tintin</TitleText>"), element("01", "<TitleText>Moon</TitleText>")
            ),
            ("Moon", ""),
        ),
        (title(element("01", "<TitleText>BOX 2E</TitleText>"), kind="10") + title(OWN), ("Own", "")),
        (title(OWN, kind="10"), ("Own", "")),
        (title(element("01", "<TitleText>Fish &amp; <![CDATA[chips]]></TitleText>")), ("Fish & chips", "")),
        (title(element("01", "<TitleText>It&#146;s</TitleText>")), ("It’s", "")),
    ],
)
def test_titles(given: str, expected: tuple[str, str]) -> None:
    row = only(product(title=given))
    assert (row.title, row.subtitle) == expected


@pytest.mark.parametrize(
    "given", ["", title(OWN, kind="03"), title(element("01", "<TitleText> </TitleText>"))]
)
def test_a_whole_record_without_a_title_is_refused(given: str) -> None:
    assert refusal(product(title=given)) == "The record has no title."


def test_a_title_may_have_500_characters() -> None:
    most = title(element("01", f"<TitleText>{'x' * 500}</TitleText>"))
    assert rows(message(product(title=most)))[0].title == "x" * 500  # type: ignore[union-attr]
    more = title(element("01", f"<TitleText>{'x' * 501}</TitleText>"))
    assert refusal(product(title=more)) == "The title is longer than 500 characters."
    below = title(element("01", "<TitleText>x</TitleText>", subtitle="x" * 501))
    assert refusal(product(title=below)) == "The subtitle is longer than 500 characters."


@pytest.mark.parametrize(
    ("people", "authors"),
    [
        (person("Ann Ash", "A01"), "Ann Ash"),
        (person("Bo Birch", "A01", place=2) + person("Ann Ash", "A01", place=1), "Ann Ash, Bo Birch"),
        (person("Ann Ash", "A01") + person("Ina Ink", "A12") + person("Tom Tran", "B06"), "Ann Ash"),
        (person("Ina Ink", "A12") + person("Ed Ender", "B01"), "Ed Ender"),
        (person("Ina Ink", "A12") + person("Tom Tran", "B06"), "Ina Ink, Tom Tran"),
        (person("Ann Ash", "B06", "A01"), "Ann Ash"),
        (person("Ann Ash", "A01") + person("Ann Ash", "A09"), "Ann Ash"),
        (
            person(
                "<NamesBeforeKey>Ludwig</NamesBeforeKey><PrefixToKey>van</PrefixToKey>"
                "<KeyNames>Beethoven</KeyNames><SuffixToKey>Jr.</SuffixToKey>",
                "A06",
            ),
            "Ludwig van Beethoven Jr.",
        ),
        (person("<PersonNameInverted>Ash, Ann</PersonNameInverted>", "A01"), "Ann Ash"),
        (person("<PersonNameInverted>Madonna</PersonNameInverted>", "A01"), "Madonna"),
        (person("<CorporateName>Good Food</CorporateName>", "A01"), "Good Food"),
        (person("<UnnamedPersons>04</UnnamedPersons>", "A01"), "Various"),
        (person("<UnnamedPersons>01</UnnamedPersons>", "A01"), ""),
        ("<NoContributor/>", ""),
    ],
)
def test_authors(people: str, authors: str) -> None:
    assert only(product(people=people)).authors == authors


def test_of_too_many_authors_whole_names_are_kept() -> None:
    many = "".join(person(f"Author number {n:03d}", "A01") for n in range(200))
    authors = only(product(people=many)).authors
    assert 900 < len(authors) <= 1_000
    assert authors.split(", ")[-1] == f"Author number {len(authors.split(', ')) - 1:03d}"


def collection(*elements: str, sequence: str = "") -> str:
    return f"<Collection><CollectionType>10</CollectionType>{sequence}{title(*elements)}</Collection>"


def sequence(kind: str, number: str) -> str:
    return (
        f"<CollectionSequence><CollectionSequenceType>{kind}</CollectionSequenceType>"
        f"<CollectionSequenceNumber>{number}</CollectionSequenceNumber></CollectionSequence>"
    )


NAMED = element("02", "<TitlePrefix>The</TitlePrefix><TitleWithoutPrefix>Expanse</TitleWithoutPrefix>")


@pytest.mark.parametrize(
    ("given", "series"),
    [
        ("<NoCollection/>", ""),
        (collection(NAMED), "The Expanse"),
        (collection(NAMED, element("01", "", part="3")), "The Expanse #3"),
        (collection(NAMED, element("01", "", part="Book Three")), "The Expanse, Book Three"),
        (collection(NAMED, sequence=sequence("02", "3")), "The Expanse #3"),
        (collection(NAMED, sequence=sequence("04", "3")), "The Expanse"),
        (collection(NAMED, element("03", "<TitleText>Tales</TitleText>")), "The Expanse: Tales"),
    ],
)
def test_series(given: str, series: str) -> None:
    assert only(product(collection=given)).series == series


# ---- the book itself ----


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("<ProductForm>BB</ProductForm>", "BB"),
        ("<ProductForm>BC</ProductForm><ProductFormDetail>B101</ProductFormDetail>", "MM"),
        ("<ProductForm>BC</ProductForm><ProductFormDetail>B305</ProductFormDetail>"
         "<ProductFormDetail>B101</ProductFormDetail>", "MM"),
        ("<ProductForm>BB</ProductForm><ProductFormDetail>B101</ProductFormDetail>", "BB"),
        ("<ProductForm>00</ProductForm>", ""),
        ("<ProductForm>PI</ProductForm>", "PI"),
    ],
)  # fmt: skip
def test_formats(form: str, code: str) -> None:
    assert only(product(form=form)).format == code


def extent(kind: str, value: str, unit: str = "03") -> str:
    return (
        f"<Extent><ExtentType>{kind}</ExtentType><ExtentValue>{value}</ExtentValue>"
        f"<ExtentUnit>{unit}</ExtentUnit></Extent>"
    )


@pytest.mark.parametrize(
    ("given", "pages"),
    [
        (extent("00", "245") + extent("04", "16"), 245),
        (extent("11", "261") + extent("00", "245"), 245),
        (extent("11", "261"), 261),
        (extent("09", "90", "05"), None),
        (extent("00", "100000"), None),
        ("", None),
    ],
)
def test_pages(given: str, pages: int | None) -> None:
    assert only(product(about=given)).pages == pages


@pytest.mark.parametrize(
    ("amount", "unit", "grams"),
    [
        ("195", "gr", 195),
        ("0.5", "kg", 500),
        ("1.60", "lb", 726),
        ("12", "oz", 340),
        ("0.4", "gr", None),
        ("0.5", "gr", 1),
        ("20000", "kg", None),
    ],
)
def test_weights(amount: str, unit: str, grams: int | None) -> None:
    measure = (
        f"<Measure><MeasureType>08</MeasureType><Measurement>{amount}</Measurement>"
        f"<MeasureUnitCode>{unit}</MeasureUnitCode></Measure>"
    )
    assert only(product(form=f"<ProductForm>BC</ProductForm>{measure}")).grams == grams


def language(role: str, code: str) -> str:
    return f"<Language><LanguageRole>{role}</LanguageRole><LanguageCode>{code}</LanguageCode></Language>"


def test_languages() -> None:
    default = "<DefaultLanguageOfText>ger</DefaultLanguageOfText>"
    assert only(product(about=language("02", "swe") + language("01", "eng"))).language == "eng"
    assert only(product(), header=default).language == "ger"
    assert only(product(about=language("01", "eng")), header=default).language == "eng"
    assert only(product()).language == ""
    assert only(product(kind="04", title=""), header=default).language == ""


def subject(scheme: str, code: str, main: bool = False) -> str:
    first = "<MainSubject/>" if main else ""
    within = f"<SubjectSchemeIdentifier>{scheme}</SubjectSchemeIdentifier>"
    return f"<Subject>{first}{within}<SubjectCode>{code}</SubjectCode></Subject>"


def test_subjects_are_codes_of_bisac_and_thema_the_main_ones_first() -> None:
    given = (
        subject("93", "FFP") + subject("12", "YFH") + subject("10", "FIC022000", True) + subject("93", "FFP")
    )
    assert only(product(about=given)).subjects == "FIC022000; FFP"
    many = "".join(subject("93", f"F{n}") for n in range(30))
    assert len(only(product(about=many)).subjects.split("; ")) == 10


def publisher(name: str, role: str = "01") -> str:
    return (
        f"<Publisher><PublishingRole>{role}</PublishingRole><PublisherName>{name}</PublisherName></Publisher>"
    )


@pytest.mark.parametrize(
    ("named", "name"),
    [
        (IMPRINT + publisher("Tor Books"), "Tor Books"),
        (IMPRINT, "Tor Teen"),
        (publisher("Group", "10") + publisher("Tor Books"), "Tor Books"),
        ("<Imprint><ImprintName>A  B</ImprintName></Imprint>", "A B"),
    ],
)
def test_publishers(named: str, name: str) -> None:
    assert only(product(named=named)).publisher == name


@pytest.mark.parametrize(("code", "status"), [("04", "04"), ("17", "17"), ("00", "")])
def test_statuses(code: str, status: str) -> None:
    assert only(product(issued=f"<PublishingStatus>{code}</PublishingStatus>")).status == status


# ---- dates ----


@pytest.mark.parametrize(
    ("form", "text", "published"),
    [
        ("00", "20240229", "2024-02-29"),
        ("01", "202402", "2024-02"),
        ("05", "2024", "2024"),
        ("13", "20240229T1200", "2024-02-29"),
        ("06", "2024022920240301", "2024-02-29"),
        ("07", "202402202403", "2024-02"),
        ("03", "20241", "2024"),
        ("00", "20230229", ""),
        ("00", "2024", ""),
        ("12", "next year", ""),
        ("20", "14450229", ""),
    ],
)
def test_dates(form: str, text: str, published: str) -> None:
    given = day("PublishingDate", "01", text, form) + day("PublishingDate", "02", text, form)
    (row,) = rows(message(product(issued=given)))
    assert (row.published, row.year) == (published, int(published[:4]) if published else None)  # type: ignore[union-attr]
    assert row.street_date == (published if len(published) == 10 else "")  # type: ignore[union-attr]


def test_a_date_without_a_format_is_told_by_its_length() -> None:
    for given, published in (("20240229", "2024-02-29"), ("202402", "2024-02"), ("2024", "2024"), ("24", "")):
        role = "<PublishingDateRole>01</PublishingDateRole>"
        dated = f"<PublishingDate>{role}<Date>{given}</Date></PublishingDate>"
        (row,) = rows(message(product(issued=dated)))
        assert row.published == published  # type: ignore[union-attr]
    old = "<DateFormat>01</DateFormat><Date>202402</Date>"
    given = f"<PublishingDate><PublishingDateRole>01</PublishingDateRole>{old}</PublishingDate>"
    assert only(product(issued=given), release="3.0").published == "2024-02"


def test_the_market_and_the_supplier_go_before_the_publisher() -> None:
    issued = day("PublishingDate", "01", "20240101") + day("PublishingDate", "02", "20240102")
    american = supply(
        detail(
            price("9.99"), dates=day("SupplyDate", "02", "20240305") + day("SupplyDate", "18", "20270101")
        ),
        market=territory("US"),
        dates=day("MarketDate", "01", "20240201") + day("MarketDate", "02", "20240301"),
    )
    british = supply(detail(), market=territory("GB"), dates=day("MarketDate", "01", "20230101"))
    row = only(product(issued=issued, supply=british + american))
    assert (row.published, row.street_date, row.last_return) == ("2024-02-01", "2024-03-05", "2027-01-01")
    row = only(product(issued=issued, supply=british))
    assert (row.published, row.street_date) == ("2024-01-01", "2024-01-02")
    year = day("PublishingDate", "37", "2023", "05")
    assert only(product(issued=year)).published == "2023"


# ---- supply ----


def test_of_several_suppliers_the_one_who_can_deliver_counts() -> None:
    stock = "<Stock><OnHand>3</OnHand></Stock><Stock><OnHand>4</OnHand><OnOrder>5</OnOrder></Stock>"
    parts = supply(
        detail(price("9.00"), availability="31", name="Slow"),
        detail(price("8.00"), availability="21", name="Quick", stock=stock),
        detail(price("7.00"), availability="20", name="Some"),
    )
    row = only(product(supply=parts))
    assert (row.availability, row.price_cents) == ("21", 800)
    assert (row.supplier, row.supplier_on_hand, row.supplier_on_order) == ("Quick", 7, 5)
    assert row.supplier_at == "2026-01-02"  # the day of the message


def test_a_supplier_is_named_only_where_stock_is() -> None:
    row = only(product(supply=supply(detail(price("9.00"), name="Quick"))))
    assert (row.supplier, row.supplier_on_hand, row.supplier_at) == ("", None, "")


def test_stock_in_words_is_no_number() -> None:
    coded = (
        "<Stock><StockQuantityCoded><StockQuantityCodeType>02</StockQuantityCodeType>"
        "<StockQuantityCode>L</StockQuantityCode></StockQuantityCoded></Stock>"
    )
    assert only(product(supply=supply(detail(stock=coded)))).supplier_on_hand is None


def returns(kind: str, code: str) -> str:
    return (
        f"<ReturnsConditions><ReturnsCodeType>{kind}</ReturnsCodeType><ReturnsCode>{code}</ReturnsCode>"
        "</ReturnsConditions>"
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (returns("02", "Y"), "Y"),
        (returns("02", "S"), "Y"),
        (returns("02", "N"), "N"),
        (returns("02", "C"), "C"),
        (returns("04", "02"), "N"),
        (returns("04", "03"), "Y"),
        (returns("04", "00"), ""),
        (returns("04", "03") + returns("02", "N"), "N"),
        (returns("01", "5"), ""),
        ("", ""),
    ],
)
def test_returns(given: str, code: str) -> None:
    assert only(product(supply=supply(detail(price("9.00"), before=given)))).returnable == code


def test_another_country_says_whether_it_is_to_be_had_but_no_price() -> None:
    row = only(
        product(supply=supply(detail(price("9.00"), before=returns("02", "Y")), market=territory("GB")))
    )
    assert (row.availability, row.returnable, row.price_cents) == ("21", "Y", None)


@pytest.mark.parametrize(
    ("market", "is_ours"),
    [
        (territory("US", "CA"), True),
        (territory("WORLD"), True),
        (territory("WORLD", but="GB AU"), True),
        (territory("WORLD", but="US"), False),
        (territory("AU", "AUS-XX"), False),
        (territory("US-NY"), False),
        ("", True),
    ],
)
def test_territories(market: str, is_ours: bool) -> None:
    record = product(supply=supply(detail(price("9.00")), market=market))
    (row,) = rows(message(record))
    assert (row.price_cents == 900) is is_ours  # type: ignore[union-attr]
    own = product(supply=supply(detail(price("9.00", after=market))))
    (row,) = rows(message(own))
    assert (row.price_cents == 900) is is_ours  # type: ignore[union-attr]


def test_the_euro_zone_is_a_region() -> None:
    given = supply(detail(price("9.00", "EUR", "04")), market=territory("ECZ"))
    assert priced(given, currency="EUR") == 900


def of(*prices: str) -> str:
    return supply(detail(*prices))


@pytest.mark.parametrize(
    ("prices", "currency", "cents"),
    [
        ([price("9.99", kind="02"), price("8.99", kind="01")], "USD", 899),
        ([price("9.99", kind="02")], "USD", 999),
        ([price("9.99", kind="42"), price("8.99", kind="41")], "USD", 899),
        ([price("9.99", kind="41"), price("8.99", kind="01")], "USD", 899),
        ([price("9.99", "GBP", "01"), price("8.99", "GBP", "02")], "GBP", 899),
        ([price("9.99", "GBP", "01")], "GBP", 999),
        ([price("9.99", "EUR", "04"), price("8.99", "EUR", "03")], "EUR", 999),
        ([price("9.99", "CAD", "02"), price("8.99", "CAD", "01")], "CAD", 899),
        ([price("9.99", "CAD"), price("8.99")], "USD", 899),
        ([price("9.99", "CAD")], "USD", None),
        ([price("5.00", kind="05")], "USD", None),
        ([price("5.00", kind="21")], "USD", None),
        ([price("9.99"), price("8.99")], "USD", 999),
        ([price("9.995")], "USD", 1000),
        ([price("9.994")], "USD", 999),
        ([price("12")], "USD", 1200),
        ([], "USD", None),
    ],
)
def test_prices(prices: list[str], currency: str, cents: int | None) -> None:
    assert priced(of(*prices), currency=currency) == cents


@pytest.mark.parametrize(
    "before",
    [
        "<PriceQualifier>06</PriceQualifier>",
        "<PriceQualifier>10</PriceQualifier>",
        "<PriceCondition><PriceConditionType>05</PriceConditionType></PriceCondition>",
        "<MinimumOrderQuantity>10</MinimumOrderQuantity>",
        "<PriceConstraint><PriceConstraintType>07</PriceConstraintType>"
        "<PriceConstraintStatus>01</PriceConstraintStatus></PriceConstraint>",
    ],
)
def test_prices_for_others_are_passed_over(before: str) -> None:
    assert priced(of(price("5.00", before=before), price("9.00"))) == 900
    assert priced(of(price("5.00", before=before))) is None


@pytest.mark.parametrize(
    "before",
    [
        "<PriceQualifier>00</PriceQualifier>",
        "<PriceQualifier>05</PriceQualifier>",
        "<PriceCondition><PriceConditionType>00</PriceConditionType></PriceCondition>",
        "<MinimumOrderQuantity>1</MinimumOrderQuantity>",
    ],
)
def test_prices_for_anyone_count(before: str) -> None:
    assert priced(of(price("5.00", before=before))) == 500


@pytest.mark.parametrize(
    ("dates", "counts"),
    [
        (day("PriceDate", "14", "20261122"), True),
        (day("PriceDate", "14", "20261123"), False),
        (day("PriceDate", "15", "20261122"), True),
        (day("PriceDate", "15", "20261121"), False),
        (day("PriceDate", "14", "202611", "01"), True),
        (day("PriceDate", "15", "202611", "01"), True),
        (day("PriceDate", "14", "2027", "05"), False),
        (day("PriceDate", "24", "2026010120261231", "06"), True),
        (day("PriceDate", "24", "2025010120251231", "06"), False),
        (day("PriceDate", "24", "2027010120271231", "06"), False),
        (day("PriceDate", "14", "20260101") + day("PriceDate", "15", "20260630"), False),
    ],
)
def test_prices_hold_for_their_time(dates: str, counts: bool) -> None:
    assert priced(of(price("5.00", after=dates), price("9.00")), on="2026-11-22") == (500 if counts else 900)


def test_what_the_header_says_holds_where_a_price_is_silent() -> None:
    silent = price("7.00", currency="", kind="")
    header = "<DefaultPriceType>01</DefaultPriceType><DefaultCurrencyCode>USD</DefaultCurrencyCode>"
    assert priced(of(silent), header=header) == 700
    assert priced(of(silent)) is None
    assert priced(of(price("9.00", "GBP"), silent), header=header, currency="GBP") == 900


@pytest.mark.parametrize("amount", ["0", "0.00"])
def test_a_price_of_nought_is_none(amount: str) -> None:
    (row,) = rows(message(product(supply=of(price(amount)))))
    assert row.price_cents is None  # type: ignore[union-attr]


@pytest.mark.parametrize("amount", ["-1", "1e5", "12,50", "free", "", "NaN", "99999999.99", "9" * 400])
def test_a_price_that_is_none_refuses_its_record(amount: str) -> None:
    (row,) = rows(message(product(supply=of(price(amount)))))
    assert isinstance(row, RejectedRow)
    assert row.reason.startswith("The price is")


@pytest.mark.parametrize(
    ("before", "discount"),
    [
        ("<Discount><DiscountPercent>42.5</DiscountPercent></Discount>", "42.5%"),
        ("<Discount><DiscountPercent>040.00</DiscountPercent></Discount>", "40%"),
        (
            "<DiscountCoded><DiscountCodeType>01</DiscountCodeType><DiscountCode>AHACP029</DiscountCode>"
            "</DiscountCoded>",
            "AHACP029",
        ),
        ("", ""),
    ],
)
def test_discounts(before: str, discount: str) -> None:
    row = only(product(supply=of(price("9.00", before=before))))
    assert row.discount == discount


def test_a_record_of_another_shape_is_refused_or_read_but_never_breaks() -> None:
    nested = DEFAULT_TITLE.replace("Roseanna", "Rose<b>an</b>na")
    (row,) = rows(message(product(title=nested)))
    assert row.title == "Rose"  # type: ignore[union-attr]
