"""How many requests somebody may make: fixed windows, told in headers, the reset in milliseconds."""

from __future__ import annotations

from bookwish_desk.demo.online_store.refusal import Refusal


class Limits:
    """Counts requests by who makes them; `most` 0 is no limit. All in memory: a restart forgets it."""

    def __init__(self, most: int, window_ms: int) -> None:
        self.most = most
        self.window_ms = window_ms
        self._counts: dict[str, tuple[int, int]] = {}

    def take(self, who: str, now: int) -> dict[str, str]:
        """Count a request, and return the headers that say what is left. Raises Refusal (429)."""
        if not self.most:
            return {}
        resets_at, count = self._counts.get(who, (0, 0))
        if resets_at <= now:
            if len(self._counts) > 10_000:
                self._counts.clear()
            resets_at, count = now - now % self.window_ms + self.window_ms, 0
        count += 1
        self._counts[who] = (resets_at, count)
        headers = {
            "X-RateLimit-Limit": str(self.most),
            "X-RateLimit-Remaining": str(max(0, self.most - count)),
            "X-RateLimit-Reset": str(resets_at),
        }
        if count > self.most:
            raise too_many(headers, resets_at - now)
        return headers

    def forget(self, who: str) -> None:
        """Count anew for somebody."""
        self._counts.pop(who, None)


def too_many(headers: dict[str, str], wait_ms: int) -> Refusal:
    """Return the refusal of one request too many."""
    wait = {"Retry-After": str(max(1, -(-wait_ms // 1000)))}
    return Refusal(429, "rate_limit_exceeded", "Slow down", headers={**headers, **wait})
