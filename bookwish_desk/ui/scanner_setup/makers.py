"""What to set on a scanner, and where each maker's handbook has it.

Programming codes are each maker's own. Here are only those whose content a maker has published; of all
others the handbook's own page is named.
"""

from __future__ import annotations

import msgspec

from bookwish_desk.ui.scanner_setup.state import DrawnCode, Step

LINE = "A line of its own: no window need be in front, and no keyboard can garble it"
KEYBOARD = "Or typing like a keyboard: the same country as this computer, and Enter after each code"
ADD_ONS = "The small barcode beside the ISBN: it has the price of the cover"
THIRTEEN = "Books as they are printed, with 13 digits"
AIM = "The kind of barcode before each code: typed scans are then told from typing for certain"


class Maker(msgspec.Struct, frozen=True):
    """A maker of scanners: its steps in the order of the page, and what can be drawn."""

    id: str
    name: str
    steps: tuple[Step, ...]
    codes: tuple[DrawnCode, ...] = ()
    source: str = ""


def _steps(line: str, keyboard: str, add_ons: str, thirteen: str, aim: str) -> tuple[Step, ...]:
    goals = (LINE, KEYBOARD, ADD_ONS, THIRTEEN, AIM)
    return tuple(Step(g, w) for g, w in zip(goals, (line, keyboard, add_ons, thirteen, aim), strict=True))


def _opticon(title: str, *commands: str) -> DrawnCode:
    """Return a menu code: commands between ZZ, in the envelope that their 2D scanners take as one code.

    (Opticon wiki, Menu Commands; M-10 specifications manual SS13063, 18.1.)
    """
    return DrawnCode(title, "@".join(("@MENU_OPTO", "ZZ", *commands, "ZZ", "OTPO_UNEM@")))


MAKERS: tuple[Maker, ...] = (
    Maker(
        "any",
        "Another maker",
        _steps(
            "Look for USB HID POS; where there is none, for USB COM, virtual COM port or CDC.",
            "Look for Keyboard country or Keyboard layout, and for Suffix, Terminator or CR.",
            "Look for Add-on, Addenda or Supplemental at EAN-13: switch 2 and 5 digits on, not required.",
            "Look for ISBN or Bookland: switch the conversion to ISBN-10 off.",
            "Look for AIM ID or Code ID: choose AIM, as a prefix.",
        ),
    ),
    Maker(
        "datalogic",
        "Datalogic QuickScan, Gryphon",
        _steps(
            "Product Reference Guide, interfaces: USB-COM-STD. Add it here as a serial scanner.",
            "The same chapter: USB Keyboard, then Country Mode; Global Suffix: CR.",
            "Chapter of the symbologies, EAN-13: Add-Ons, optional, with 2 and with 5 digits.",
            "EAN-13: ISBN Conversion, off.",
            "Chapter Data Format: Global AIM ID, as a prefix.",
        ),
    ),
    Maker(
        "honeywell",
        "Honeywell Voyager, Xenon, Hyperion",
        _steps(
            "User's Guide, Programming the Interface: USB HID POS (terminal ID 131), else USB Serial (130).",
            "The same chapter: USB PC Keyboard (124), then Keyboard Country Layout.",
            "Symbologies, EAN/JAN-13: 2 Digit Addenda On and 5 Digit Addenda On; Addenda not required.",
            "EAN/JAN-13: ISBN Translate, off.",
            "Chapter Data Editing: Add Prefix, all symbologies, AIM I.D.",
        ),
    ),
    Maker(
        "newland",
        "Newland HR, FM",
        _steps(
            "User Guide, chapter USB: HID-POS, else USB COM Port Emulation.",
            "Chapter USB: HID-KBW, then the keyboard country; terminating character: CR.",
            "Chapter of the symbologies, EAN-13: Enable 2-Digit and 5-Digit Add-On Code, not required.",
            "EAN-13: ISBN set to 13 digits.",
            "Chapter Prefix and Suffix: AIM ID Prefix.",
        ),
    ),
    Maker(
        "opticon",
        "Opticon",
        _steps(
            "Universal Menu Book, chapter of the interfaces: USB-VCP. Add it here as a serial scanner.",
            "The same chapter: USB-HID, then the keyboard language. Enter after each code is how it comes.",
            "Scan the first code below, or Menu Book, EAN-13: enable EAN-13 +2 and EAN-13 +5.",
            "Scan the second code below, or Menu Book: Disable ISBN translation.",
            "Scan the third code below, or Menu Book: Prefix for all codes, AIM code identification.",
        ),
        (
            _opticon("Read the small barcode too", "JV", "JW"),
            _opticon("Send books with 13 digits", "IB"),
            _opticon("Send the kind of barcode first", "RY", "$1"),
        ),
        "From Opticon's published menu commands, not tried on a scanner by us. Scanners with a camera read "
        "them from this screen; laser scanners need those of the Menu Book. A good beep says that it is set.",
    ),
    Maker(
        "zebra",
        "Zebra, Symbol, Motorola",
        _steps(
            "Product Reference Guide, USB Interface, USB Device Type: Microsoft UWP USB, its name for HID "
            "POS, else USB CDC Host or Simple COM Port Emulation.",
            "The same chapter: HID Keyboard Emulation and the Country Keyboard Type; chapter of preferences: "
            "Scan Data Transmission Format, Data and Suffix.",
            "Chapter Symbologies, Decode UPC/EAN/JAN Supplementals: Autodiscriminate.",
            "Chapter Symbologies, Bookland ISBN Format: ISBN-13.",
            "Chapter of preferences, Transmit Code ID Character: AIM Code ID Character.",
        ),
    ),
)


def maker(id: str) -> Maker:
    """Return a maker by its id; the first for one that is not known."""
    return next((m for m in MAKERS if m.id == id), MAKERS[0])
