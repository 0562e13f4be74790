"""A process that does with devices what it is told: the command that runs in a bed (see `hands.py`).

One JSON object a line comes in, each is done on a thread of its own, and each is answered by a line with its
`id`. `call` names a function here, or `module:function` of the tests, and `with` holds its arguments.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import msgspec

from bookwish_desk.hardware.model import Attempt, Drawer, Printer
from bookwish_desk.shop.errors import ShopError

_PRINTERS: dict[str, Printer] = {}
_DRAWERS: dict[str, Drawer] = {}
_SAYING = threading.Lock()


def open_printer(device: dict[str, Any], folder: str) -> None:
    """Make the driver of a printer and of the drawer behind it; `device` is a Device as JSON has it."""
    from bookwish_desk.hardware.labels import open_label_printer
    from bookwish_desk.hardware.receipts import open_drawer, open_receipt_printer
    from bookwish_desk.shop.device import Device

    made = msgspec.convert(device, Device)
    if made.role == "label_printer":
        _PRINTERS[made.id] = open_label_printer(made, Path(folder))
        return
    _PRINTERS[made.id] = printer = open_receipt_printer(made, Path(folder))
    drawer = open_drawer(made, printer, Path(folder))
    if drawer is not None:
        _DRAWERS[made.id] = drawer


def send(name: str, data: str, seconds: float, patience: float = 0.0, title: str = "") -> dict[str, Any]:
    """Send hexadecimal `data` to the printer `name`; answer the outcome."""
    now = time.monotonic()
    attempt = Attempt(now + seconds, now + patience if patience else 0.0, title=title)
    outcome = _PRINTERS[name].send(bytes.fromhex(data), attempt)
    return msgspec.to_builtins(outcome)


def state(name: str, seconds: float) -> dict[str, Any]:
    """Answer how the printer `name` is."""
    return msgspec.to_builtins(_PRINTERS[name].state(time.monotonic() + seconds))


def kick(name: str, seconds: float) -> dict[str, Any]:
    """Open the drawer on the printer `name`; answer the outcome."""
    outcome = _DRAWERS[name].kick(time.monotonic() + seconds)
    return msgspec.to_builtins(outcome)


def lower_rights() -> None:
    """Be nobody from here on, where this was root: root may open what nobody may."""
    if os.geteuid() == 0:
        os.seteuid(65534)


def main() -> None:
    """Do as told until the orders end."""
    for line in sys.stdin:
        threading.Thread(target=_do, args=(json.loads(line),), daemon=True).start()


def _do(order: dict[str, Any]) -> None:
    answer: dict[str, Any] = {"id": order["id"]}
    try:
        module, _, name = order["call"].rpartition(":")
        function = getattr(importlib.import_module(module), name) if module else globals()[name]
        answer["answer"] = function(**order.get("with", {}))
    except ShopError as fault:
        answer["refused"] = {"code": fault.code, "message": fault.message, "facts": fault.facts}
    except Exception:
        answer["fault"] = traceback.format_exc()
    with _SAYING:
        sys.stdout.write(json.dumps(answer, default=repr) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
    os._exit(0)
