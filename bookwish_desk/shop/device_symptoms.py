"""What people see that a device does not know of, and what to try then, in which order. Plain values."""

from __future__ import annotations

import msgspec

from bookwish_desk.shop.device import Role


class Symptom(msgspec.Struct, frozen=True):
    """Something that a person sees and the device does not know of, and what to try, in this order."""

    words: str
    steps: tuple[str, ...]


def symptoms(role: Role) -> tuple[Symptom, ...]:
    """Return what can be wrong with a device that says it is ready."""
    return _SYMPTOMS[role]


_NOTHING_PRINTED = Symptom(
    "Nothing comes out",
    (
        "Is the light on, and is there paper in it?",
        "Print a test. Does Print jobs on the Sales screen say that it was printed? Then it went to another "
        "printer: see how this one is connected.",
        "Does it say sent, but nothing came? Switch the printer off and on, and print a test again.",
        "Print its own page: switch it off, hold Feed, switch it on. If that fails it needs repair.",
    ),
)

_SYMPTOMS: dict[Role, tuple[Symptom, ...]] = {
    "receipt_printer": (
        _NOTHING_PRINTED,
        Symptom(
            "The drawer stays shut",
            (
                "Is the drawer locked? Turn its key to the position in which it opens.",
                "Is its cable in the socket of the printer marked DK or with a drawer, and in no other?",
                "Choose the other pin under Drawer, save, and open it once more.",
                "Is it the drawer's own cable? They look alike and differ from printer to printer.",
            ),
        ),
        Symptom(
            "Wrong letters or signs are printed",
            (
                "Choose another table under Letters the printer has, save, and print a test.",
                "Are accents still wrong? Turn on Print every line as a picture, and save.",
                "Is nothing printed but signs? Choose the other language under Speaks, and save.",
            ),
        ),
        Symptom(
            "The paper comes out white",
            (
                "Turn the roll round: only one side turns dark. Scratch it with a nail to see which.",
                "Is it thermal paper? Plain paper stays white.",
            ),
        ),
        Symptom(
            "It is printed too wide or too narrow",
            ("Choose the width of the roll under Paper, save, and print a test.",),
        ),
        Symptom(
            "The paper is not cut",
            (
                "Turn on The printer cuts the paper, and save.",
                "Has the printer no cutter? Tear the paper off upwards against the edge.",
            ),
        ),
    ),
    "label_printer": (
        _NOTHING_PRINTED,
        Symptom(
            "Signs and letters are printed instead of a label",
            (
                "Choose another language under Speaks, save, and print a test. Zebra speaks ZPL, most others "
                "TSPL, old Zebra and Eltron EPL.",
                "Is it a Dymo or a Brother? Add it as a system printer.",
            ),
        ),
        Symptom(
            "Labels are shifted, or every second one stays empty",
            (
                "Do width and height here fit the label that is loaded? Measure one without its paper.",
                "Let the printer measure the labels: on most, hold Feed until it blinks twice.",
                "Print a test: its frame must touch no edge of the label.",
            ),
        ),
        Symptom(
            "The scanner does not read the labels",
            (
                "Is the resolution here the printer's own? Most have 203 dpi.",
                "Are the bars pale or torn? Clean the head with alcohol, and set the printer darker.",
                "Is a system printer set to fit to page? Set it to 100 % or actual size.",
            ),
        ),
    ),
    "document_printer": (
        _NOTHING_PRINTED,
        Symptom(
            "The page is cut off at the edge",
            ("Choose the paper that is in the tray under Paper, save, and print a test.",),
        ),
    ),
    "scanner": (
        Symptom(
            "It reads nothing",
            (
                "Does the scanner beep at the code? If not, try a book with a plain code.",
                "Does it beep, and nothing stands above? Pull its cable out and push it in again.",
                "Is another program in front? A scanner that types gives its codes to that one.",
            ),
        ),
        Symptom(
            "It reads wrong digits, or letters among them",
            (
                "Set it up with the codes of its own book: your country's keyboard, and Enter at the end.",
                "Does it leave out the price code beside the ISBN? Switch its add-ons on there.",
            ),
        ),
        Symptom(
            "A book is rung up twice",
            ("Hold the trigger shorter, or set the scanner to read a code once.",),
        ),
    ),
    "scale": (
        Symptom(
            "The weight does not come to rest",
            (
                "Does the scale stand level, on a firm table, and touch nothing?",
                "Is there a draught? Move it away from doors and fans.",
            ),
        ),
        Symptom(
            "The weight is wrong",
            (
                "Take everything off and press Zero or Tare: it must show zero.",
                "Weigh something whose weight you know. Still wrong? The scale must be adjusted.",
            ),
        ),
    ),
    "line_display": (
        Symptom(
            "It stays dark",
            (
                "Is its plug in, and its switch on?",
                "Is it plugged into a printer? Choose that printer here, and save.",
                "Has it a serial line? Choose the speed that is written on it, and save.",
            ),
        ),
        Symptom(
            "Wrong letters or signs are shown",
            ("Choose another table under Letters it has, save, and show a test.",),
        ),
    ),
    "customer_screen": (
        Symptom(
            "The customer sees the register",
            ("Open the displays of this computer's settings, and let them stand side by side.",),
        ),
        Symptom(
            "The sale is on the wrong screen",
            ("Remove this device, and add the other screen.",),
        ),
    ),
}
