"""Recovery keys and codes survive paper and fingers, and what is mistyped is refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.recovery import (
    ends_with,
    key_from_recovery,
    new_owner_code,
    read_owner_code,
    recovery_text,
)
from bookwish_desk.shop.secret import Secret

KEY = bytes(range(32))
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@given(st.binary(min_size=32, max_size=32))
def test_every_key_comes_back(key: bytes) -> None:
    text = recovery_text(key)
    assert key_from_recovery(text) == key
    assert [len(line) for line in text.splitlines()] == [19] * 4


def test_blanks_capitals_and_lookalikes_do_not_matter() -> None:
    text = recovery_text(KEY)
    assert key_from_recovery(text.lower().replace("-", " ").replace("\n", "  ")) == KEY
    assert key_from_recovery(text.replace("O", "0").replace("B", "8")) == KEY
    assert key_from_recovery(text.replace("I", "1")) == KEY
    assert key_from_recovery(text.replace("L", "1")) == KEY


@given(st.integers(0, 63), st.sampled_from(ALPHABET))
def test_a_wrong_letter_is_found_in_its_line(place: int, letter: str) -> None:
    bare = recovery_text(KEY).replace("-", "").replace("\n", "")
    if bare[place] == letter:
        return
    with pytest.raises(Refused) as refused:
        key_from_recovery(bare[:place] + letter + bare[place + 1 :])
    assert refused.value.message.startswith(f"Line {place // 16 + 1} does not fit.")


def test_swapped_lines_are_found() -> None:
    lines = recovery_text(KEY).splitlines()
    with pytest.raises(Refused, match="Line 2"):
        key_from_recovery("\n".join((lines[0], lines[2], lines[1], lines[3])))


def test_a_missing_letter_is_counted() -> None:
    with pytest.raises(Refused, match="63 were typed instead of 64"):
        key_from_recovery(recovery_text(KEY)[:-1])


def test_a_key_of_another_size_is_a_bug() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        recovery_text(KEY[:31])


def test_an_owner_code_is_long_fresh_and_read_back() -> None:
    code = new_owner_code()
    assert len(code.reveal().replace("-", "")) >= 20
    assert new_owner_code() != code
    assert read_owner_code(f" {code.reveal().lower()} ") == code


def test_a_mistyped_owner_code_is_refused() -> None:
    bare = new_owner_code().reveal()
    other = "A" if bare[0] != "A" else "C"
    with pytest.raises(Refused, match="does not fit"):
        read_owner_code(other + bare[1:])
    with pytest.raises(Refused, match="24 letters"):
        read_owner_code(bare[:-2])


def test_the_last_group_proves_the_paper() -> None:
    assert ends_with("AAAA-BCDE", "bcde")
    assert ends_with("AAAA-BCOI", " 8C0L")
    assert not ends_with("AAAA-BCDE", "BCD")
    assert not ends_with("AAAA-BCDE", "AAAA")


def test_a_secret_hides_in_every_print_and_cannot_be_encoded() -> None:
    import msgspec

    pin = Secret("4711")
    assert "4711" not in f"{pin} {pin!r} {[pin]}"
    assert pin == Secret("4711")
    assert pin != Secret("4712")
    assert not Secret("")
    with pytest.raises(TypeError):
        msgspec.json.encode(pin)
