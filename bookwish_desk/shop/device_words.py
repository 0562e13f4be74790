"""What people are told about devices: how each is in one sentence, and what to try in which order.

The one place for these words. Drivers that know better (which part, which error) say it themselves in
`DeviceState.message`; all others take `sentence`. What a device does not know of stands in
`device_symptoms`. Plain values and pure functions, no device here.
"""

from __future__ import annotations

from typing import Literal

from bookwish_desk.shop.device import Condition, Purpose, Role

Light = Literal["ok", "warn", "error", "off"]
"""How a condition is marked beside its words: well, needs attention, wrong, not known."""

BADGES: dict[Purpose, str] = {
    "receipts": "Receipts",
    "labels": "Labels",
    "shipping": "Shipping",
    "documents": "Documents",
}
"""What a printer is used for, in one word."""

_NOUNS: dict[Role, str] = {
    "receipt_printer": "printer",
    "label_printer": "label printer",
    "document_printer": "printer",
    "scanner": "scanner",
    "scale": "scale",
    "line_display": "customer display",
    "customer_screen": "customer screen",
}

_JOBS: dict[Role, str] = {
    "receipt_printer": "the receipt",
    "label_printer": "the label",
    "document_printer": "the page",
}

_CHIPS: dict[Condition, tuple[Light, str]] = {
    "ready": ("ok", "Ready"),
    "busy": ("ok", "At work"),
    "paper_low": ("warn", "Paper low"),
    "paper_out": ("error", "Paper out"),
    "ribbon_out": ("error", "Ribbon out"),
    "cover_open": ("error", "Cover open"),
    "cutter": ("error", "Stuck"),
    "hot": ("warn", "Cooling down"),
    "paused": ("warn", "Paused"),
    "offline": ("error", "Off line"),
    "unreachable": ("error", "No answer"),
    "unplugged": ("error", "Unplugged"),
    "held": ("error", "In use elsewhere"),
    "denied": ("error", "Not allowed"),
    "error": ("error", "Fault"),
    "unknown": ("off", "Does not say"),
}

_SENTENCES: dict[Condition, str] = {
    "ready": "The {noun} is ready.",
    "busy": "The {noun} is at work.",
    "paper_low": "The paper is nearly used up. Have a new roll at hand.",
    "paper_out": "Paper out. Put in a new roll; {job} goes on by itself.",
    "ribbon_out": "Ribbon out. Put in a new one; {job} goes on by itself.",
    "cover_open": "The cover is open. Close it; {job} goes on by itself.",
    "cutter": "The cutter is stuck. Switch the {noun} off, clear the paper, and switch it on again.",
    "hot": "The {noun} has become too hot. Wait a little; {job} goes on by itself.",
    "paused": "The {noun} is paused. Press its Pause or Feed button; {job} goes on by itself.",
    "offline": "The {noun} is off line. Press its Online or Feed button; {job} goes on by itself.",
    "unreachable": "The {noun} does not answer. See that it is switched on and connected.",
    "unplugged": "The {noun} is not there. Plug it in and switch it on; it works again by itself.",
    "held": "Another program is using the {noun}. Close that program; it works again by itself.",
    "denied": "This computer does not let the desk use the {noun}.",
    "error": "The {noun} reports a fault. Switch it off, wait a moment, and switch it on again.",
    "unknown": "The {noun} does not say how it is. It is used all the same.",
}

_OWN: dict[tuple[Role, Condition], str] = {
    ("label_printer", "paper_low"): "The labels are nearly used up. Have a new roll at hand.",
    ("label_printer", "paper_out"): "Labels out. Put in a new roll; the label goes on by itself.",
    ("label_printer", "cover_open"): "The head is open. Close it; the label goes on by itself.",
    ("document_printer", "paper_low"): "The paper is nearly used up.",
    ("document_printer", "paper_out"): "Paper out. Fill the tray; the page goes on by itself.",
    ("document_printer", "cutter"): "Paper is stuck in the printer. Clear it; the page goes on by itself.",
    ("customer_screen", "ready"): "The customer screen is on.",
    ("customer_screen", "unplugged"): "The second screen is not there. Plug it in; it comes back by itself.",
}


def chip(condition: Condition | None) -> tuple[Light, str]:
    """Return how a condition is marked, and it in a word or two; None is a device not heard of yet."""
    return _CHIPS[condition] if condition is not None else ("off", "Not asked yet")


def sentence(role: Role, condition: Condition, name: str = "") -> str:
    """Return how a device is and what to do about it, as one or two sentences; with its name before them."""
    words = _OWN.get((role, condition)) or _SENTENCES[condition]
    said = words.format(noun=_NOUNS[role], job=_JOBS.get(role, "it")).replace(
        "; it goes on", "; it works again"
    )
    return f"{name}: {said[0].lower()}{said[1:]}" if name else said


def steps(role: Role, condition: Condition, scheme: str, where: str = "") -> tuple[str, ...]:
    """Return what to try, in this order, until the device is ready again; nothing where it is.

    `scheme` is the first word of the device's address, `where` its address in words.
    """
    for key in ((condition, role), (condition, scheme), (condition, "")):
        if key in _STEPS:
            return tuple(step.format(noun=_NOUNS[role], where=where) for step in _STEPS[key])
    return ()


_LIGHT = "Is the light on the {noun} on? If not, see to its plug and its switch."
_AGAIN = "Switch the {noun} off, wait ten seconds, and switch it on again."
_CABLE = "Is the cable in at both ends? Pull it out and push it in again until it sits."

_HELD = (
    "Is another program open that uses the {noun}? Close it.",
    "Pull its cable out and push it in again.",
    "Restart the computer.",
)

_STEPS: dict[tuple[Condition, str], tuple[str, ...]] = {
    ("paper_low", ""): ("Change the roll when the coloured stripe comes, or when the shop is quiet.",),
    ("paper_low", "document_printer"): ("Fill the tray before the next long print.",),
    ("paper_out", "document_printer"): (
        "Fill the paper tray and push it in until it sits.",
        "Is a sheet stuck? Open the cover and pull it out in the direction in which it runs.",
    ),
    ("paper_out", "label_printer"): (
        "Open the printer and take out the empty roll.",
        "Put in a new one, with the labels up, between both guides, and close the head until it clicks.",
        "Press Feed once: exactly one label must come out.",
        "Do more come out, or half a one? Let the printer measure the labels: on most, hold Feed until it "
        "blinks twice.",
    ),
    ("paper_out", ""): (
        "Open the cover and take out what is left of the old roll.",
        "Put in a new roll so that the paper comes from below, pull a hand's breadth out, close the cover.",
        "Does it still say so? Open it once more and press the cover down on both sides until it clicks.",
        "Is the roll as wide as the one before? A narrow roll in a wide printer is not seen.",
    ),
    ("ribbon_out", ""): (
        "Open the head and take out both cores of the ribbon.",
        "Put in a new one as the drawing inside the cover shows, and close the head until it clicks.",
        "Does this printer need no ribbon? Set it to direct thermal with its own program.",
    ),
    ("cover_open", ""): (
        "Press the cover down on both sides until it clicks.",
        "Does it not close? See that no paper and no label sticks in the hinge or under the cutter.",
    ),
    ("cutter", ""): (
        "Switch the {noun} off.",
        "Open the cover and take out the paper, also small scraps at the cutter. Do not use force.",
        "Put the paper in again, close the cover, and switch it on.",
        "Does it not open? Turn the small wheel beside the cutter until the blade is out of sight.",
    ),
    ("cutter", "document_printer"): (
        "Open the covers one after another, and pull the sheet out in the direction in which it runs.",
        "Is a scrap left? Look behind the roll that draws the paper in.",
    ),
    ("hot", ""): (
        "Wait a few minutes: it goes on by itself.",
        "Does it happen often? See that it stands free, and out of the sun.",
    ),
    ("paused", ""): ("Press Pause or Feed on the {noun} once.", _AGAIN),
    ("paused", "queue"): (
        "Open the printers of this computer's settings, choose the {where}, and let it go on.",
        "Is the printer itself on, with paper in it?",
    ),
    ("offline", ""): ("Press the button Online or Feed on the {noun} once.", _AGAIN),
    ("offline", "queue"): (
        _LIGHT,
        "Open the printers of this computer's settings: is the {where} paused, or set to work off line?",
    ),
    ("unreachable", "tcp"): (
        _LIGHT,
        "Is the network cable in, and does the light beside it blink? With Wi-Fi: is its light steady?",
        _AGAIN,
        "Print the printer's own page: switch it off, hold Feed, switch it on. Is the address on it {where}?",
        "Is it another one? Type that one under Address and save.",
        "Is this computer in the same network? A network for guests does not reach the printer.",
    ),
    ("unreachable", "queue"): (
        _LIGHT,
        _CABLE,
        "Open the printers of this computer's settings: is the {where} there, and does its test page print?",
        "Has it another name there now? Remove this device and add that one.",
    ),
    ("unreachable", "serial"): (
        _LIGHT,
        _CABLE,
        "Is the speed the same as on the {noun}'s own page? Choose it under Speed and save.",
        _AGAIN,
    ),
    ("unreachable", "printer"): (
        "Is the printer that it is plugged into on, and ready?",
        "Is the cable in at the display and at the printer's socket for displays?",
    ),
    ("unreachable", ""): (_LIGHT, _CABLE, _AGAIN),
    ("unplugged", "screen"): (
        "Is the second screen on?",
        _CABLE,
        "Open the displays of this computer's settings: are there two, side by side and not mirrored?",
    ),
    ("unplugged", "queue"): (
        _LIGHT,
        _CABLE,
        "Open the printers of this computer's settings: is the {where} there?",
        "Has it another name there now? Remove this device and add that one.",
    ),
    ("unplugged", ""): (
        _LIGHT,
        _CABLE,
        "Plug it into the computer itself, not into a hub or a keyboard.",
        "Try another socket: the desk finds it there by itself.",
        "Try another cable.",
        "Is it another device of the same kind? Remove this one and add that one.",
    ),
    ("held", ""): (
        "Is another program open that uses it, such as another till or the maker's own? Close it.",
        "Does this computer list it among its printers? Remove it here, and add that system printer instead.",
        "Pull its cable out and push it in again.",
        "Restart the computer.",
    ),
    **{("held", role): _HELD for role in ("scanner", "scale", "line_display", "customer_screen")},
    ("held", "queue"): ("Wait until the other program has printed.", "Restart the computer."),
    ("denied", "queue"): ("Ask whoever looks after this computer to let you print on the {where}.",),
    ("denied", ""): (
        "Pull its cable out and push it in again: a rule that came with the desk works only from then on.",
        "Sign out of this computer and in again.",
        "Run bookwish-desk doctor: it says which rule is missing and how to put it in.",
    ),
    ("error", ""): (
        _AGAIN,
        "Does its light blink red? The page inside its cover says what that means.",
        "Print its own page: switch it off, hold Feed, switch it on. If that fails it needs repair.",
    ),
    ("error", "queue"): (
        "Open the printers of this computer's settings and look at what the {where} says.",
        "Delete what waits there, and print a test here.",
        _AGAIN,
    ),
    ("error", "scanner"): ("Pull its cable out, wait ten seconds, and push it in again.",),
    ("error", "scale"): (
        "Take everything off the scale, switch it off and on, and wait until it shows zero.",
        "Does it stand level, and touch nothing?",
    ),
}
