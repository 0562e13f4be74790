"""The adapter for EasyPost, under its own client. Its client is loaded with the first call, on a lane."""

from __future__ import annotations

from bookwish_desk.sync.carriers.easypost.adapter import open_easypost
from bookwish_desk.sync.carriers.easypost.address import broker_address

__all__ = ["broker_address", "open_easypost"]
