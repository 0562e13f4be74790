"""What simulated devices have in common: what is wrong with one, and what is told of each of its jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from bookwish_desk.hardware.model import Outcome
from bookwish_desk.shop.label import LabelJob
from bookwish_desk.shop.slip import Slip


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong with a simulated device.

    `offline`: it is switched off. `mute` takes everything and answers nothing. `slow_seconds` pass before it
    prints and confirms. The link breaks after `gone_after` bytes. A drawer that is stuck hears the pulse and
    stays shut.
    """

    paper_out: bool = False
    cover_open: bool = False
    offline: bool = False
    mute: bool = False
    slow_seconds: float = 0.0
    gone_after: int | None = None
    drawer_stuck: bool = False


class DeviceJob(msgspec.Struct, frozen=True):
    """One job that came to a simulated device: `data` is what reached it, `path` the file that holds it.

    `slip` is what it shows, where the sender knew; `path` is None when nothing reached the device.
    """

    device: str
    kind: Literal["slip", "kick", "label", "page"]
    outcome: Outcome
    data: bytes
    path: Path | None
    slip: Slip | LabelJob | None = None


OnJob = Callable[[DeviceJob], None]


def nobody(job: DeviceJob) -> None:
    """Hear of a job and do nothing."""
