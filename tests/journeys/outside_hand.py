"""A hand from outside: works a running desk through its accessibility tree and typed keys, and nothing else.

Run by the system's Python, which has pyatspi: `outside_hand.py ISBN ISBN`. Prints what it read as JSON;
exit 1 with the tree on stderr when something did not show up in time.
"""

from __future__ import annotations

import ctypes
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pyatspi  # type: ignore[import-not-found]

PATIENCE_S = 40.0
LOOK_S = 0.05
BUTTON = (pyatspi.ROLE_PUSH_BUTTON, pyatspi.ROLE_TOGGLE_BUTTON, pyatspi.ROLE_CHECK_BOX)
FIELD = (pyatspi.ROLE_TEXT, pyatspi.ROLE_ENTRY, pyatspi.ROLE_PASSWORD_TEXT)
LIST = (pyatspi.ROLE_LIST,)
SHIFT, RETURN = 0xFFE1, 0xFF0D
"""Their names in the protocol of X; letters and digits go by their own numbers."""


def showing(node: Any) -> Iterator[Any]:
    """Yield what can be seen under a node; what goes away meanwhile is passed over."""
    for place in range(node.childCount):
        child = node.getChildAtIndex(place)
        if child is None or not child.getState().contains(pyatspi.STATE_SHOWING):
            continue
        yield child
        if child.getRole() != pyatspi.ROLE_LIST:
            yield from showing(child)


def desk() -> Any:
    """Return the desk's node, once it is there."""
    for application in pyatspi.Registry.getDesktop(0):
        if application is not None and application.name == "bookwish-desk":
            return application
    return None


def nodes() -> list[Any]:
    """Return what can be seen now, what is in the active window first."""
    application = desk()
    if application is None:
        return []
    windows = [w for w in application if w is not None]
    windows.sort(key=lambda w: not w.getState().contains(pyatspi.STATE_ACTIVE))
    return [node for window in windows for node in showing(window)]


def wait(look: Callable[[], Any], what: str) -> Any:
    """Return the first true answer of `look`; give up with the tree when there is none in time."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if answer := look():
                return answer
        except Exception:  # a node that went away while it was read
            pass
        time.sleep(LOOK_S)
    give_up(what)


def give_up(what: str) -> NoReturn:
    tree = "".join(f"\n  {node.getRoleName()}: {node.name!r}" for node in nodes())
    sys.exit(f"not seen in time: {what}; there was:{tree}")


def seek(roles: tuple[int, ...], name: str) -> Any:
    """Return what has one of these roles and a name that begins so, once it can be used."""

    def look() -> Any:
        there = [n for n in nodes() if n.getRole() in roles and n.name.startswith(name)]
        usable = [n for n in there if n.getState().contains(pyatspi.STATE_ENABLED)]
        return min(usable, key=lambda n: n.name != name, default=None)

    return wait(look, name)


def press(name: str) -> str:
    """Press a button by its name and return the whole of it."""
    button = seek(BUTTON, name)
    whole = button.name
    actions = button.queryAction()
    names = [actions.getName(n) for n in range(actions.nActions)]
    actions.doAction(names.index("Press"))
    return whole


def read(pattern: str) -> str:
    """Return what the group of a pattern matches in a name that can be seen."""

    def look() -> str:
        return next((m.group(1) for n in nodes() if (m := re.search(pattern, n.name))), "")

    return str(wait(look, pattern))


def rows(name: str) -> list[str]:
    return [row.name for row in seek(LIST, name) if row is not None]


def keys(*names: str) -> None:
    subprocess.run(["xdotool", "key", *names], check=True)


def scan(code: str) -> None:
    """Scan as a scanner does, whose keys a busy computer does not part: all are handed over at once."""
    x11, test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XkbKeycodeToKeysym.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    shift = x11.XKeysymToKeycode(display, ctypes.c_ulong(SHIFT))
    for symbol in (*map(ord, code), RETURN):
        key = x11.XKeysymToKeycode(display, ctypes.c_ulong(symbol))
        capital = x11.XkbKeycodeToKeysym(display, key, 0, 0) != symbol
        for one, down in (*[(shift, 1)] * capital, (key, 1), (key, 0), *[(shift, 0)] * capital):
            test.XTestFakeKeyEvent(display, one, down, ctypes.c_ulong(0))
    x11.XSync(display, 0)
    x11.XCloseDisplay(display)


def type_into(name: str, text: str) -> None:
    """Go to a field by its name and type as a person does, over what is there."""
    field = seek(FIELD, name)
    field.queryComponent().grabFocus()
    wait(lambda: seek(FIELD, name).getState().contains(pyatspi.STATE_FOCUSED), f"focus on {name}")
    keys("ctrl+a")
    subprocess.run(["xdotool", "type", "--delay", "130", text], check=True)


def cents(text: str) -> int:
    return int(text.replace("$", "").replace(",", "").replace(".", ""))


def work(first: str, second: str) -> dict[str, Any]:
    """Sign in, open the till, sell two books for cash, take one back, count and close the till."""
    read("^(Who is at the register)")
    pin = press("Maya R.").rpartition("PIN ")[2]
    type_into("PIN", pin)
    keys("Return")
    press("Open the till")
    read("^(The till is closed)")
    press("Open the till")
    type_into("Pieces of $20.00", "5")
    read(r"^Counted (\$100.00)$")
    press("Open the till")
    read("^(Till open since)")

    press("Sell")
    scan(first)
    scan(second)
    wait(lambda: len(rows("Sale lines")) == 2, "two lines")
    lines = rows("Sale lines")
    total = read(r"^Total (\S+)$")
    press("Pay")
    due = read(r"^To pay (\S+)$")
    type_into("Amount handed over", "50")
    press("Cash")
    change = read(r"^Change due (\S+)$")
    receipt = read(r"^Receipt (\S+) was printed")

    scan(receipt)
    read(f"^(Sale {receipt})")
    press("Return")
    read(f"^(Receipt {receipt})$")
    type_into("Copies that come back", "1")
    worth = read(r"^To refund (\S+)$")
    press("Take back")
    press("Refund")
    read(r"^To refund (\S+)$")
    press(f"Refund {worth} in cash")
    refunded = read(r"^Refunded (\S+)$")
    back = read(r"^Receipt (\S+) was printed")

    press("Till")
    press("Count and close")
    counted = 10_000 + cents(total) - cents(refunded)
    type_into("Other cash, or the whole as one amount", f"{counted // 100}.{counted % 100:02}")
    press("Done counting")
    read("^(You counted)")
    press("Close the till")
    verdict = read(r"^(The drawer is .*)$")
    z_report = read(r"^(Z report \d+)$")
    keys("alt+F4")
    return {
        "lines": lines, "total": total, "due": due, "change": change, "receipt": receipt, "worth": worth,
        "refunded": refunded, "back": back, "verdict": verdict, "z_report": z_report,
    }  # fmt: skip


if __name__ == "__main__":
    json.dump(work(sys.argv[1], sys.argv[2]), sys.stdout)
