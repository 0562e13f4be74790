"""What the settings of shipping may be, in plain sentences beside each field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.actions.setting_rules import checked
from bookwish_desk.settings import Settings, from_rows, to_row
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.presets import rule_for
from bookwish_desk.shop.shipping import (
    PACKAGES,
    PRESETS,
    RULES,
    Package,
    Preset,
    PresetRule,
    ShippingSettings,
)
from bookwish_desk.shop.shipping_rules import check_rules, check_sender, check_shipping, never_reached

USUAL = ShippingSettings()
SENDER = PostalAddress("Tern Books", "1 Main Street", "", "Springfield", "CT", "06001", phone="555 0100")


def faults(**changes: Any) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        check_shipping(replace(USUAL, **changes))
    said = refused.value.facts["faults"]
    assert isinstance(said, dict)
    return said


def test_what_every_shop_begins_with_is_allowed_and_stays_as_it_is() -> None:
    assert check_shipping(USUAL) == USUAL
    kept = checked(Settings(), {"shipping": replace(USUAL, sender=SENDER)})
    assert from_rows({"shipping": to_row(kept, "shipping")}).shipping == replace(USUAL, sender=SENDER)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"packages": ()}, "packages", "Keep at least one package."),
        ({"packages": (Package("a", " ", 1, 1, 1),)}, "packages", "Give every package a name"),
        ({"packages": (Package("a", "A", 0, 1, 1),)}, "packages", "length, width and height"),
        ({"packages": (Package("a", "A", 1, 1, 9_999),)}, "packages", "length, width and height"),
        ({"packages": (Package("a", "A", 1, 1, 1, 5_001),)}, "packages", "weighs 5 kg"),
        ({"packages": (Package("a", "A", kind="../x"),)}, "packages", "letters and digits"),
        ({"packages": (PACKAGES[0], replace(PACKAGES[1], name="small MAILER"))}, "packages", "two packages"),
        ({"packages": (PACKAGES[0], replace(PACKAGES[1], id="mailer-s"))}, "packages", "one id"),
        ({"presets": ()}, "presets", "Keep at least one preset."),
        ({"presets": (Preset("a", ""),)}, "presets", "Give every preset a name"),
        ({"presets": (Preset("a", "A", "gone"),)}, "presets", "a package that there is"),
        ({"rules": (PresetRule("gone"),)}, "rules", "Rule 1: choose a preset"),
        ({"rules": (PresetRule("media", 40_000),)}, "rules", "70 lb"),
        ({"rules": RULES * 11}, "rules", "room for 20 rules"),
        ({"tolerance_grams": -1}, "tolerance_grams", "2 kg"),
        ({"tolerance_ppm": 500_001}, "tolerance_ppm", "50 %"),
        ({"book_grams": 0}, "book_grams", "A usual book"),
        ({"label_limit_cents": -1}, "label_limit_cents", "0 for no limit"),
        ({"day_limit_cents": 10**9}, "day_limit_cents", "0 for no limit"),
        ({"cutoff": 1440}, "cutoff", "time of the day"),
        ({"signer": "4111 1111 1111 1111"}, "signer", "card number"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(changes: dict[str, Any], field: str, words: str) -> None:
    said = faults(**changes)
    assert words in said[field]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert set(faults(packages=(), cutoff=-1, sender=replace(SENDER, state="Q", name=""))) >= {
        "packages", "cutoff", "sender_state", "sender_name",
    }  # fmt: skip


def test_a_choice_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="none that there is"):
        check_shipping(replace(USUAL, checks="sometimes"))


def test_a_sender_is_empty_or_whole_and_kept_as_it_is_printed() -> None:
    assert check_sender(PostalAddress(country="gb")) == PostalAddress(country="GB")
    assert check_sender(replace(SENDER, state="connecticut", name="Tern 📚 Books")).state == "CT"
    with pytest.raises(Refused) as refused:
        check_sender(PostalAddress(line1="1 Main Street"))
    assert refused.value.facts["faults"] == {
        "sender_name": "Type the name that stands on labels, such as the shop's.",
        "sender_city": "Type the town.",
        "sender_state": "Type the state with two letters, such as NY.",
        "sender_postal_code": "Type the ZIP code.",
    }


def test_media_mail_does_not_go_in_a_package_of_the_carriers() -> None:
    flat = replace(PACKAGES[0], kind="FlatRateEnvelope", length_mm=1)

    assert "own packaging" in faults(packages=(flat, *PACKAGES[1:]))["presets"]
    cleaned = check_shipping(replace(USUAL, packages=(*PACKAGES, replace(flat, id="f", name="Flat"))))
    assert (cleaned.packages[-1].length_mm, cleaned.packages[-1].kind) == (0, "FlatRateEnvelope")


def test_a_service_that_is_named_is_not_the_fastest_too() -> None:
    odd = replace(PRESETS[0], fastest=True)
    assert check_shipping(replace(USUAL, presets=(odd, *PRESETS[1:]))) == USUAL


def test_who_saves_the_settings_of_shipping_leaves_the_account_alone() -> None:
    connected = replace(USUAL, broker="easypost", base="http://127.0.0.1:1", test=True, since=5)
    before = replace(Settings(), shipping=connected)

    kept = checked(before, {"shipping": replace(USUAL, signer="Olive")}).shipping

    assert kept == replace(connected, signer="Olive")


_RULES = st.lists(
    st.builds(
        PresetRule,
        st.sampled_from(("cheapest", "fastest")),
        st.sampled_from((0, 200, 500)),
        st.booleans(),
        st.sampled_from(("any", "home", "abroad")),
    ),
    max_size=5,
)


@given(_RULES, st.integers(1, 900), st.booleans(), st.sampled_from(("US", "CA")))
def test_a_rule_that_is_called_never_reached_is_given_to_no_parcel(
    rules: list[PresetRule], grams: int, books: bool, country: str
) -> None:
    shop = replace(USUAL, rules=check_rules(rules, PRESETS))
    media = books and country == "US"
    found = rule_for(shop, grams=grams, media_mail=media, country=country, home="US")
    reached = next((n for n, rule in enumerate(rules) if rule is found), None)
    assert reached is None or reached not in never_reached(rules, "US")


def test_rules_behind_one_for_all_parcels_are_never_reached() -> None:
    assert never_reached(RULES, "US") == ()
    assert never_reached((PresetRule("cheapest"), *RULES), "US") == (1, 2)
    assert never_reached((PresetRule("a", 500), PresetRule("b", 300), PresetRule("c", 600)), "US") == (1,)
    assert never_reached((PresetRule("a", books=True, where="abroad"),), "US") == (0,)
