"""Every widget that a screen is built from; no business and no colours of their own in here.

Screens import from here and use nothing else of Qt's widgets but layouts, QWidget and QStackedWidget.

Text and figures (`text.py`); all plain text, never markup:
    Label("Sale 4", "head")                    roles: body strong small head title; tone= soft ok warn danger
    Label(title, elide=True)                   one line, cut at the edge;  wrap=True for paragraphs
    Amount("$3.38", what="Tax")                right-aligned figure; set_amount("$4.00")
    BigTotal("$59.57")                         the one big total

Buttons (`buttons.py`); Enter never presses one, a click leaves the focus where it is:
    Button("Hold sale", key="sell.hold")       key = id in ui.keys: shown on it and worked by it
    Button("Save", kind="primary")             kinds: plain primary danger quiet;  icon="printer"
    Tile("Gift wrap", "$3.00")                 large; strong name, lighter detail
    pay = PayButton(); pay.set_amount("$59.57")    the one green button, F12
    work_key(self, "sell.more", self.more)     from ui.keys: a key that has no button
    All: clicked, setText, setEnabled, setCheckable/setChecked for one-of-several.

Fields (fields.py, toggle.py, search.py): label above, sentence beneath (set_error("Write an amount.")):
    Field("Name", placeholder="")              text() set_text() select(); signals changed(str) entered()
    AmountField("Price")                       text as typed ("12,50"): parse it with shop.money
    PinField(), PasswordField()                dots
    CountField("Quantity", 1, least=1)         value() -> int | None, set_value(); - and + beside it
    Choice("Reason", [("id", "Words")])        chosen() choose(id) set_options(); signal picked(id)
    NoteField("Note")                          several lines
    Toggle("Print the receipt", True)          toggled(bool)
    SearchLine("Scan ISBN, or type title, author, SKU", key="sell.search")
                                               signals typed(str) entered(str) stepped(+-1) left()
    Keypad("00"); keypad.serve(field.edit)     touch digits into a line edit, or pressed(str) / erased()

Rows (`rows.py`); one delegate paints whole rows:
    lines = RowList((Column("Title"), Column("Qty", 48, "right"), Column("Total", 96, "right")),
                    name="Sale lines", empty="Scan a book to begin.")
    lines.set_rows((Row("id", ("Orlando", "1", "$16.99"), second="Virginia Woolf"),))
    chosen(key) opened(key); current() choose(key) step(+-1).
    Row also: badge= tone= struck= muted= strong= spoken= (the sentence a screen reader says)

Charts (`charts.py`, `bars.py`); each says in its description what it shows:
    ChartView("Orders a day", "No order.")     set_chart(Chart(names, series, ticks, spoken)): bars and lines
    RankView("What went wrong")                set_ranks((Rank("Damaged", 3, "3 times"),)): longest first
    Bars("Copies sold, month by month")        a few figures, each with its number on it

Surfaces and messages (`panel.py`, `sheet.py`, `toast.py`):
    Card() with card.column;  Line();  Badge("Returned", "warn")
    Scroll() with scroll.column                for forms that may be higher than 768 px leaves room for
    Notice("The drawer is open.", "warn")      inline; kinds ok info warn error; show_text("") hides it
    Chip("printer", "ok", "Printer ready")     for window.status([...]); states ok warn error off
    Sheet(self, "Change the price")            body, add_button(text, kind, then), focus_on(widget),
                                               show_notice(sentence), set_busy(True), open()
    ask(self, "Void this sale?", "Its lines go.", [("", "Keep it", "plain"), ("void", "Void sale", "danger")],
        then=on_answer)                        on_answer(id); "" for Esc
    window.toast("Receipt printed.")           from the main window: ui/window.py
"""

from bookwish_desk.ui.widgets.buttons import Button, PayButton, Tile
from bookwish_desk.ui.widgets.fields import (
    AmountField,
    Choice,
    CountField,
    Field,
    NoteField,
    PasswordField,
    PinField,
)
from bookwish_desk.ui.widgets.found import FoundList
from bookwish_desk.ui.widgets.keypad import Keypad
from bookwish_desk.ui.widgets.panel import Badge, Card, Chip, Line, Notice, Scroll, StatusChip, say
from bookwish_desk.ui.widgets.rows import Column, Row, RowList
from bookwish_desk.ui.widgets.search import SearchLine
from bookwish_desk.ui.widgets.sheet import Question, Sheet, ask
from bookwish_desk.ui.widgets.text import Amount, BigTotal, Label, button_text
from bookwish_desk.ui.widgets.toast import Toast
from bookwish_desk.ui.widgets.toggle import Toggle

__all__ = [
    "Amount",
    "AmountField",
    "Badge",
    "BigTotal",
    "Button",
    "Card",
    "Chip",
    "Choice",
    "Column",
    "CountField",
    "Field",
    "FoundList",
    "Keypad",
    "Label",
    "Line",
    "NoteField",
    "Notice",
    "PasswordField",
    "PayButton",
    "PinField",
    "Question",
    "Row",
    "RowList",
    "Scroll",
    "SearchLine",
    "Sheet",
    "StatusChip",
    "Tile",
    "Toast",
    "Toggle",
    "ask",
    "button_text",
    "say",
]
