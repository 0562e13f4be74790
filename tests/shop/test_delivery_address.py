"""What is amiss with an address is said beside its field before money moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop.delivery_address import (
    cautions,
    differences,
    faults,
    printed,
    private,
    taken_over,
)
from bookwish_desk.shop.order import PostalAddress

HOME = PostalAddress("Ada Example", "12 Elm Street", "", "Springfield", "CT", "06001", phone="555 0101")
FORCES = replace(HOME, city="APO", state="AE", postal_code="09001")


def test_an_ordinary_address_is_let_through_without_a_word() -> None:
    abroad = PostalAddress(
        "Łukasz Żółć", "12 St James's Square", city="London", postal_code="SW1Y 4LB", country="gb"
    )
    for address in (
        HOME,
        abroad,
        replace(HOME, state="Connecticut"),
        replace(HOME, postal_code="06001-1234"),
    ):
        assert faults(address) == faults(address, "UPS") == cautions(address) == {}


@pytest.mark.parametrize(
    ("changed", "carrier", "field", "words"),
    [
        ({"name": ""}, "", "name", "Type the name of whoever gets it."),
        ({"name": "🎉"}, "", "name",
         "Type the name of whoever gets it. Nothing of what stands there can be printed."),
        ({"line1": " "}, "", "line1", "Type street and number, or the PO box."),
        ({"city": ""}, "", "city", "Type the town."),
        ({"state": ""}, "", "state", "Type the state with two letters, such as NY."),
        ({"state": "XX"}, "", "state", "XX is no state. Write two letters, such as NY."),
        ({"postal_code": ""}, "", "postal_code", "Type the ZIP code."),
        ({"postal_code": "9021"}, "", "postal_code", "A ZIP code has 5 digits, or 9 as in 06001-1234."),
        ({"country": "USA"}, "", "country", "Write the country with two letters, such as US or CA."),
        ({"country": "ZZ"}, "", "country", "Write the country with two letters, such as US or CA."),
        ({"line1": "PO Box 12"}, "UPS", "line1", "This is a PO box. UPS does not go there: choose USPS."),
        ({"line2": "p.o.box 12"}, "FedEx", "line2",
         "This is a PO box. FedEx does not go there: choose USPS."),
        ({"line1": "Post Office Box 9"}, "DHL Express", "line1",
         "This is a PO box. DHL Express does not go there: choose USPS."),
        ({"line1": "1 " + "x" * 34}, "UPS", "line1",
         "The street is longer than the 35 characters of UPS. Shorten it."),
        ({"name": "x" * 101}, "", "name",
         "The name is longer than the 100 characters of a label. Shorten it."),
        ({"state": "AE", "postal_code": "09001"}, "", "city", "With AE the town is APO, FPO or DPO."),
    ],
)  # fmt: skip
def test_what_must_be_put_right_is_said_beside_its_field(
    changed: dict[str, str], carrier: str, field: str, words: str
) -> None:
    assert faults(replace(HOME, **changed), carrier) == {field: words}


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"line2": "Apt"}, "line2", "The number behind Apt is missing."),
        ({"line2": "#"}, "line2", "The number behind # is missing."),
        ({"line1": "12 Elm Street Unit"}, "line1", "The number behind Unit is missing."),
        ({"line1": "Elm Street"}, "line1", "There is no house number."),
        ({"line1": "P.O. Box 12"}, "line1", "This is a PO box. Only the post delivers there."),
        ({"postal_code": "90210"}, "postal_code", "90210 is no ZIP code of CT. Look at both."),
        ({"country": "CA", "state": "ON", "postal_code": "123"}, "postal_code",
         "Postal codes there are written as K1A 0B1."),
        ({"name": "Ada 🎉 Byron"}, "name", "The name has signs that no label can show. Printed: Ada Byron"),
        ({"name": "^XA^FDAda^XZ"}, "name", "The name has signs that no label can show. Printed: XA FDAda XZ"),
        ({"name": "東京 太郎"}, "name", "The name has letters that labels may not show: 東京太郎"),
        ({"line1": "1 " + "x" * 34}, "line1",
         "The street has more than 35 characters: UPS and FedEx cut it off."),
    ],
)  # fmt: skip
def test_what_may_stay_is_said_and_keeps_nobody(changed: dict[str, str], field: str, words: str) -> None:
    address = replace(HOME, **changed)
    assert faults(address) == {}
    assert cautions(address) == {field: words}


@pytest.mark.parametrize(
    "lines", [("12 Elm St Apt", "4B"), ("12 Elm Street #4", ""), ("1 Unit Road", ""), ("Flat 3, 2 Elm", "")]
)
def test_a_flat_that_has_its_number_is_not_asked_for(lines: tuple[str, str]) -> None:
    assert cautions(replace(HOME, line1=lines[0], line2=lines[1])) == {}


def test_who_delivers_by_itself_may_want_a_telephone_number() -> None:
    silent = replace(HOME, phone="")
    assert cautions(silent) == cautions(silent, "USPS") == cautions(HOME, "FedEx") == {}
    assert cautions(silent, "FedEx") == {"phone": "FedEx may want a telephone number."}


def test_only_the_post_goes_to_the_forces() -> None:
    assert faults(FORCES) == faults(FORCES, "USPS") == {}
    assert faults(FORCES, "FedEx") == {
        "state": "This is a military address. FedEx does not go there: choose USPS."
    }
    assert (
        private("UPS")
        and not private("UPSSurePost")
        and not private("FedExSmartPost")
        and not private("USPS")
    )


def test_a_label_gets_no_picture_no_command_and_codes_in_capitals() -> None:
    typed = replace(
        HOME, name="Ada\x1b 🎉, ~JA\nByron", state="new york", postal_code="100011234", country="us"
    )

    shown = printed(typed)

    assert shown.name == "Ada, JA Byron"
    assert (shown.state, shown.postal_code, shown.country) == ("NY", "10001-1234", "US")
    assert shown.phone == HOME.phone


@given(
    st.builds(PostalAddress, *(st.text(max_size=120) for _ in range(8))), st.sampled_from(("", "UPS", "USPS"))
)
def test_no_text_breaks_it_and_nothing_unprintable_is_left(address: PostalAddress, carrier: str) -> None:
    for words in (faults(address, carrier), cautions(address, carrier)):
        assert all(
            w and w.isprintable() and field in PostalAddress.__struct_fields__ for field, w in words.items()
        )
    shown = printed(address)
    assert printed(shown) == shown
    assert all(
        c.isprintable() and c not in "^~"
        for field in ("name", "line1", "city")
        for c in getattr(shown, field)
    )


def test_what_a_carrier_only_writes_larger_or_shorter_is_a_small_difference() -> None:
    own = replace(HOME, line2="Apt 4")
    found = differences(
        own, PostalAddress("ADA EXAMPLE", "12 ELM ST APT 4", "", "SPRINGFIELD", "CT", "06001-1234")
    )

    assert found and all(d.small for d in found)
    assert differences(HOME, HOME) == ()


def test_another_street_town_or_code_is_pointed_out() -> None:
    found = differences(HOME, PostalAddress("", "12 ELM AVE", "APT 3", "SPRINGFIELD", "MA", "01101-1234"))

    assert [(d.field, d.suggested) for d in found if not d.small] == [
        ("line1", "12 ELM AVE"), ("line2", "APT 3"), ("state", "MA"), ("postal_code", "01101-1234"),
    ]  # fmt: skip


def test_the_carriers_spelling_keeps_the_customers_name_and_number() -> None:
    theirs = PostalAddress("ADA EXAMPLE", "12 ELM ST", "", "SPRINGFIELD", "CT", "06001-1234")

    taken = taken_over(HOME, theirs)

    assert (taken.name, taken.phone, taken.line1) == ("Ada Example", "555 0101", "12 ELM ST")
