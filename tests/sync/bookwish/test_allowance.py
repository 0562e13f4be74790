"""The rate limit is obeyed by the store's own clock, and a quarter of it is left to people."""

from __future__ import annotations

from types import SimpleNamespace

import httpx2
import pytest

from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.bookwish import allowance
from bookwish_desk.sync.bookwish.allowance import Allowance, asked_to_wait
from tests.sync.bookwish.far_shop import DATE_AT, FarShop, opened, reply

RESET = DATE_AT + 30_000


class Clock:
    """The adapter's `time.monotonic` in the hands of a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(allowance, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def _headers(remaining: int, limit: int = 40, reset: int = RESET) -> dict[str, str]:
    told = {"limit": limit, "remaining": remaining, "reset": reset}
    return {f"x-ratelimit-{k}": str(v) for k, v in told.items()}


def test_background_work_leaves_a_quarter_of_the_window(clock: Clock) -> None:
    seen = Allowance()
    assert seen.wait_ms("sales", True) == 0
    seen.hear("sales", _headers(12), DATE_AT)
    assert [seen.wait_ms("sales", True) for _ in range(3)] == [0, 0, 0]
    assert seen.budget.remaining == 9
    assert seen.wait_ms("sales", True) == 30_000
    assert seen.wait_ms("sales", False) == 0
    clock.now += 10
    assert seen.wait_ms("sales", True) == 20_000
    clock.now += 21
    assert seen.wait_ms("sales", True) == 0


@pytest.mark.usefixtures("clock")
def test_limits_of_different_size_are_different_limits() -> None:
    seen = Allowance()
    seen.hear("feed", _headers(0, limit=120), DATE_AT)
    seen.hear("sales", _headers(300, limit=600), DATE_AT)
    seen.hear("orders", _headers(300, limit=600), DATE_AT)
    assert seen.wait_ms("feed", True) and not seen.wait_ms("sales", True)
    for _ in range(150):
        seen.wait_ms("sales", True)
    assert seen.wait_ms("orders", True)  # the same window


@pytest.mark.usefixtures("clock")
def test_answers_that_overtake_each_other_give_nothing_back() -> None:
    seen = Allowance()
    seen.hear("sales", _headers(20), DATE_AT)
    seen.hear("sales", _headers(25), DATE_AT)
    assert seen.budget.remaining == 20
    seen.hear("sales", _headers(40, reset=RESET + 60_000), DATE_AT)
    assert seen.budget.remaining == 40


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("odd", ["", "-5", "1e9", "x", "٣", "9" * 40])
def test_headers_that_make_no_sense_limit_nothing_for_long(odd: str) -> None:
    seen = Allowance()
    for name in ("limit", "remaining", "reset"):
        seen.hear("sales", {**_headers(0), f"x-ratelimit-{name}": odd}, 0)
        assert seen.wait_ms("sales", True) == 0
    seen.hear("sales", _headers(0, reset=10**17), DATE_AT)
    assert seen.wait_ms("sales", True) == allowance.LONGEST_WAIT_MS


def test_a_store_whose_clock_is_put_back_holds_nothing_up_for_longer(clock: Clock) -> None:
    seen = Allowance()
    seen.hear("sales", _headers(0), DATE_AT)
    seen.hear("orders", {}, DATE_AT - 86_400_000)
    assert seen.wait_ms("sales", True) == 30_000
    clock.now += 31
    assert seen.wait_ms("sales", True) == 0


def test_large_resets_are_milliseconds_and_small_ones_seconds() -> None:
    assert asked_to_wait({"x-ratelimit-reset": str(RESET)}, DATE_AT) == 30_000
    assert asked_to_wait({"x-ratelimit-reset": str(RESET // 1_000)}, DATE_AT) == 30_000
    assert asked_to_wait({"retry-after": "5", "x-ratelimit-reset": str(RESET)}, DATE_AT) == 5_000
    assert asked_to_wait({"retry-after": "99999999"}, DATE_AT) == allowance.LONGEST_WAIT_MS
    assert asked_to_wait({"x-ratelimit-reset": str(RESET)}, 0) == 0
    assert asked_to_wait({"retry-after": "Tue, 04 Mar 2025 16:21:06 GMT"}, DATE_AT) == 0


def test_a_spent_limit_is_not_asked_for_more_in_the_background() -> None:
    def script(_request: httpx2.Request) -> httpx2.Response:
        headers = {"x_ratelimit_limit": "60", "x_ratelimit_remaining": "0", "x_ratelimit_reset": str(RESET)}
        return reply(429, {"error": "rate_limit_exceeded", "message": "Slow down"}, **headers)

    far = FarShop(script)
    with opened(far) as store:
        first = store.order("or-1")
        assert (first.result, first.wait_ms, first.code) == ("limited", 30_000, "rate_limit_exceeded")
        second = store.order("or-1")
        assert (second.result, second.code, len(far.seen)) == ("limited", "budget", 1)
        assert 0 < second.wait_ms <= 30_000
        assert store.budget.limit == 60 and store.budget.remaining == 0 and store.budget.resets_at == RESET
        assert store.for_person().order("or-1").code == "rate_limit_exceeded"
        store.sign_in("ines@larch.example", Secret("larch-and-lantern"))
        assert len(far.seen) == 3
