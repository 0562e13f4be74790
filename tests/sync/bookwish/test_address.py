"""Where a store is, as people type it."""

from __future__ import annotations

import pytest

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.sync.bookwish.adapter import BookWish, connect
from bookwish_desk.sync.bookwish.address import store_address
from bookwish_desk.sync.bookwish.session import MemoryBox
from bookwish_desk.sync.port import OnlineStore


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("api.bookwish.app", "https://api.bookwish.app"),
        (" https://API.bookwish.io/v1/ ", "https://api.bookwish.io/v1"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:3000/v1", "http://localhost:3000/v1"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_an_address_is_kept_in_one_way(typed: str, kept: str) -> None:
    assert store_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "https://", "ftp://shop.example", "https://shop.example?x=1", "https://shop.example#a",
        "https://shop example", "https://shop.example:99999", "https://shop.example:0", "https://a/../b",
        "https://shop.example/%2e", "https://shöp.example", "https://" + "a" * 300, "https://-x.example",
        "https://shop.example/a\x00b", "https://[::1", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="such as https"):
        store_address(typed)


@pytest.mark.parametrize(
    "typed", ["http://shop.example", "http://192.168.1.5:3000", "http://127.0.0.1.evil.example"]
)
def test_nothing_goes_over_the_network_unencrypted(typed: str) -> None:
    with pytest.raises(Refused, match="https://"):
        store_address(typed)


def test_names_and_passwords_stay_out_of_it() -> None:
    for typed in (
        "https://ines:pw@shop.example",
        "https://127.0.0.1@evil.example",
        "http://localhost@evil.example",
    ):
        with pytest.raises(Refused, match="Leave the name and the password out"):
            store_address(typed)


def test_a_shop_is_connected_by_its_settings() -> None:
    store: OnlineStore = connect(OnlineSettings("https://shop.example", store_id="st-1"), MemoryBox())
    assert isinstance(store, BookWish) and not store.account_id
    store.close()
    with pytest.raises(Refused):
        connect(OnlineSettings("http://shop.example"), MemoryBox())
