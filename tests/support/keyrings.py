"""A keyring that keeps everything in memory, for tests that must not touch the user's own."""

from __future__ import annotations

from typing import Any


class FakeKeyring:
    """The part of `keyring.backend.KeyringBackend` that is used, and a fault to raise instead."""

    name = "Fake keyring"
    priority = 5

    def __init__(self, fault: Exception | None = None) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.fault = fault

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        self._fail()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self._fail()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        self._fail()
        del self.kept[service, username]

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the keychain asked the keyring for {name}")
