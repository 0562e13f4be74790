"""Addresses of printers as people type them."""

from __future__ import annotations

import pytest

from bookwish_desk.shop.address import typed_address
from bookwish_desk.shop.errors import Refused


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" 192.168.1.50 ", "tcp:192.168.1.50:9100"),
        ("192.168.001.050:9101", "tcp:192.168.1.50:9101"),
        ("printer.local", "tcp:printer.local:9100"),
        ("fe80::1", "tcp:[fe80::1]:9100"),
        ("[fe80::1]:9101", "tcp:[fe80::1]:9101"),
    ],
)
def test_an_address_is_read_as_it_was_meant(typed: str, address: str) -> None:
    assert typed_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    ["", "two words", "192.168.1", "192.168.1.", "192.168.1.500", "192168150", "1.2.3.4.5", "http://1.2.3.4"],
)
def test_what_is_no_address_is_refused_and_not_guessed_at(typed: str) -> None:
    with pytest.raises(Refused, match=r"Type it as 192\.168\.1\.50"):
        typed_address(typed)


@pytest.mark.parametrize("typed", ["printer:0", "printer:65536", "192.168.1.50:99999"])
def test_a_port_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="number up to 65535"):
        typed_address(typed)
