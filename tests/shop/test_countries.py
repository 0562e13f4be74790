"""What is proposed for a country can be used as it is, once the rates that only a shop knows are typed."""

import pytest
from msgspec.structs import replace

from bookwish_desk.actions.setting_rules import checked
from bookwish_desk.settings import Settings
from bookwish_desk.shop.countries import CASH_STEPS, COUNTRIES, LOCALES, Country, country
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.tax import TaxClass, TaxRate
from bookwish_desk.shop.tax_words import UNKNOWN_PPM, rates_in_words


def proposal(one: Country, unknown: int) -> dict[str, object]:
    classes = tuple(
        replace(c, rates=tuple(replace(r, ppm=unknown) if r.ppm == UNKNOWN_PPM else r for r in c.rates))
        for c in one.tax.classes
    )
    tax = replace(one.tax, classes=classes)
    steps = one.cash_step
    return {"currency": one.currency, "locale": one.locale, "tax": tax, "cash_step": steps}


@pytest.mark.parametrize("one", COUNTRIES, ids=[c.code or "other" for c in COUNTRIES])
def test_a_proposal_is_a_valid_setting(one: Country) -> None:
    for zone in one.zones:
        assert checked(Settings(), {"zone": zone, **proposal(one, 70_000)}).currency == one.currency
    assert one.locale in dict(LOCALES)
    assert str(one.cash_step) in dict(CASH_STEPS)
    assert one.tax.classes[0].code == "book"
    assert (one.tax.mode == "exclusive") == (one.code in ("US", "CA"))


def test_a_rate_that_only_the_shop_knows_must_be_typed() -> None:
    us = country("US")
    assert rates_in_words(us.tax.classes[0]) == "Sales tax (type the rate)"
    with pytest.raises(Refused, match="Type the rate of Books"):
        checked(Settings(), proposal(us, UNKNOWN_PPM))


def test_rates_in_words() -> None:
    two = TaxClass("a", "A", (TaxRate("GST", 50_000), TaxRate("PST", 70_000)))
    assert rates_in_words(two) == "GST 5% and PST 7%"
    assert rates_in_words(TaxClass("n", "N")) == "Not taxed"


@pytest.mark.parametrize("locale", [code for code, _ in LOCALES])
def test_every_language_offered_is_known(locale: str) -> None:
    assert checked(Settings(), {"locale": locale}).locale == locale
