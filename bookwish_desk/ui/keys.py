"""The one table of every key in the application: what it is, what it does, where it works.

A button names its key by id (`Button("Hold sale", key="sell.hold")`), so that what is printed on the
button, what works and what the keys sheet (F1) lists cannot differ. To give an action a key, add a
line here.

Rules, held by a test: no two keys clash where both work; no bare character (a scanner types those);
never Enter or Tab (a scanner ends with them); not Ctrl+B (the scanner's start mark) nor what text
fields use for editing.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

EVERYWHERE = "everywhere"


class Key(msgspec.Struct, frozen=True):
    """One key: `sequence` in Qt's portable writing, `verb` as in the keys sheet.

    `scope` is the screen where it works, or "everywhere".
    """

    id: str
    sequence: str
    verb: str
    scope: str = EVERYWHERE


KEYS: tuple[Key, ...] = (
    Key("keys", "F1", "Show the keys"),
    Key("screen.sell", "Ctrl+1", "Sell"),
    Key("screen.sales", "Ctrl+2", "Look at sales"),
    Key("screen.stock", "Ctrl+3", "Look at stock"),
    Key("screen.till", "Ctrl+4", "Open, count or close the till"),
    Key("screen.settings", "Ctrl+5", "Change settings"),
    Key("screen.devices", "Ctrl+6", "Set up devices"),
    Key("screen.orders", "Ctrl+7", "Work on orders"),
    Key("screen.promises", "Ctrl+8", "See every deadline of the orders"),
    Key("screen.figures", "Ctrl+9", "See how fast and how right orders were"),
    Key("screen.mail", "Ctrl+0", "See the e-mails that wait or did not go"),
    Key("screen.sync", "Ctrl+Shift+S", "See how syncing with the online store stands"),
    Key("screen.shipping", "Ctrl+Shift+L", "Ship parcels"),
    Key("screen.day_end", "Ctrl+Shift+E", "End the day: hand the parcels over"),
    Key("lock", "Ctrl+L", "Lock the register"),
    Key("devices", "Ctrl+Shift+P", "Show the simulated devices"),
    Key("no_sale", "Ctrl+N", "Open the drawer without a sale"),
    Key("sell.search", "F2", "Search or scan", "sell"),
    Key("sell.quantity", "F3", "Change the quantity", "sell"),
    Key("sell.customer", "F4", "Add a customer", "sell"),
    Key("sell.note", "F5", "Write a note", "sell"),
    Key("sell.hold", "F6", "Hold the sale", "sell"),
    Key("sell.recall", "F7", "Recall a held sale", "sell"),
    Key("sell.return", "F8", "Return or refund", "sell"),
    Key("sell.discount", "F9", "Give a discount", "sell"),
    Key("sell.price", "F10", "Change the price", "sell"),
    Key("sell.remove", "F11", "Remove the line", "sell"),
    Key("sell.pay", "F12", "Pay", "sell"),
    Key("sell.more", "Ctrl+Up", "One more", "sell"),
    Key("sell.fewer", "Ctrl+Down", "One fewer", "sell"),
    Key("sell.void", "Ctrl+D", "Void the sale", "sell"),
    Key("sell.exempt", "Ctrl+T", "Sell without tax", "sell"),
    Key("sell.wrap", "Ctrl+G", "Gift wrap the line", "sell"),
    Key("sell.sale_discount", "Shift+F9", "Discount the whole sale", "sell"),
    Key("sell.title", "Shift+F2", "Show all that is known of a title", "sell"),
    Key("sell.pickup", "Shift+F8", "Hand an order over", "sell"),
    Key("sell.reroute", "Shift+F4", "Give a promised copy to this customer", "sell"),
    Key("pay.cash", "F5", "Pay with cash", "pay"),
    Key("pay.card", "F6", "Pay by card", "pay"),
    Key("pay.cheque", "F7", "Pay by cheque", "pay"),
    Key("pay.other", "F8", "Pay another way", "pay"),
    Key("pay.remove", "F11", "Remove the payment", "pay"),
    Key("pay.complete", "F12", "Complete the sale", "pay"),
    Key("pay.back", "Esc", "Go back to the sale", "pay"),
    Key("done.next", "F12", "Start the next sale", "done"),
    Key("done.print", "F5", "Print the receipt", "done"),
    Key("done.gift", "F6", "Print a gift receipt", "done"),
    Key("done.email", "F7", "E-mail the receipt", "done"),
    Key("sales.search", "F2", "Find a sale", "sales"),
    Key("sales.return", "F8", "Return from this sale", "sales"),
    Key("sales.reprint", "F5", "Print the receipt again", "sales"),
    Key("sales.gift", "F6", "Print a gift receipt", "sales"),
    Key("sales.email", "F7", "E-mail the receipt", "sales"),
    Key("sales.list", "F9", "List the sales", "sales"),
    Key("sales.jobs", "F10", "List what was not printed", "sales"),
    Key("sales.activity", "F11", "See who did what", "sales"),
    Key("sales.mail", "F12", "See the e-mails that wait or did not go", "sales"),
    Key("jobs.again", "F5", "Print the job again", "jobs"),
    Key("jobs.printed", "F6", "Say that it printed", "jobs"),
    Key("jobs.leave", "F7", "Leave it unprinted", "jobs"),
    Key("mail.again", "F5", "Send the e-mail again", "mail"),
    Key("mail.other", "F6", "Send it to another address", "mail"),
    Key("mail.leave", "F7", "Leave it unsent", "mail"),
    Key("mail.order", "F8", "Open the order", "mail"),
    Key("mail.now", "F9", "Try what waits now", "mail"),
    Key("mail.back", "Esc", "Go back to the sales", "mail"),
    Key("sync.parts", "F2", "Go to the parts of the screen", "sync"),
    Key("sync.rows", "F3", "Go to the list", "sync"),
    Key("sync.open", "F4", "Open the order or the receipt", "sync"),
    Key("sync.one", "F5", "Do the first thing that is offered", "sync"),
    Key("sync.two", "F6", "Do the second thing that is offered", "sync"),
    Key("sync.three", "F7", "Do the third thing that is offered", "sync"),
    Key("sync.many", "F8", "Decide all that are alike", "sync"),
    Key("sync.now", "F9", "Send and fetch at once", "sync"),
    Key("sync.pause", "F10", "Pause, or go on", "sync"),
    Key("sync.sign_in", "F11", "Sign in at the online store", "sync"),
    Key("sync.set_up", "F12", "Set the online store up", "sync"),
    Key("sync.first", "Shift+F9", "Stop the first import, or go on with it", "sync"),
    Key("sync.demo_run", "Shift+F11", "Stop or start the demonstration store", "sync"),
    Key("sync.demo_order", "Shift+F12", "Let a customer of the demonstration order", "sync"),
    Key("sync.back", "Esc", "Leave a group, or go back to the orders", "sync"),
    Key("sync_sheet.do", "F12", "Do what the sheet asks", "sync_sheet"),
    Key("email.send", "F12", "Send it", "email"),
    Key("activity.search", "F2", "Find an entry", "activity"),
    Key("activity.more", "F5", "Show older entries", "activity"),
    Key("return.search", "F2", "Find the receipt", "return"),
    Key("return.all", "F4", "Return every line", "return"),
    Key("return.loose", "F6", "Take back without a receipt", "return"),
    Key("return.receipt", "F7", "Take back on a receipt", "return"),
    Key("return.refund", "F12", "Refund", "return"),
    Key("return.back", "Esc", "Go back", "return"),
    Key("stock.search", "F2", "Find an item", "stock"),
    Key("stock.plus", "F5", "Add one copy", "stock"),
    Key("stock.minus", "F6", "Take off one copy", "stock"),
    Key("stock.plus_five", "Shift+F5", "Add five copies", "stock"),
    Key("stock.minus_five", "Shift+F6", "Take off five copies", "stock"),
    Key("stock.count", "F7", "Count the copies", "stock"),
    Key("stock.low", "F8", "List what is low", "stock"),
    Key("stock.out", "F9", "List what is out of stock", "stock"),
    Key("stock.to_catalogue", "F10", "List what waits to be described", "stock"),
    Key("stock.found", "F3", "Go back to what was found", "stock"),
    Key("stock.edit", "F4", "Edit the item", "stock"),
    Key("stock.new", "F11", "Add an item", "stock"),
    Key("stock.import", "Ctrl+O", "Import a list", "stock"),
    Key("import.choose", "F2", "Choose a file", "import"),
    Key("import.run", "F12", "Import the list", "import"),
    Key("import.cancel", "F10", "Cancel the import", "import"),
    Key("import.report", "F8", "Open the report of rejected rows", "import"),
    Key("import.again", "F5", "Import another list", "import"),
    Key("import.back", "Esc", "Go back to the stock", "import"),
    Key("stock.title", "Shift+F2", "Show all that is known of the title", "stock"),
    Key("stock.labels", "Ctrl+P", "Print labels", "stock"),
    Key("title.search", "F2", "Find a title", "title"),
    Key("title.add_copy", "F3", "Add used or signed copies", "title"),
    Key("title.edit", "F4", "Edit the item", "title"),
    Key("title.receive", "F5", "Receive copies", "title"),
    Key("title.adjust", "F6", "Adjust the stock", "title"),
    Key("title.count", "F7", "Count the copies", "title"),
    Key("title.order", "F8", "Say how many are on order", "title"),
    Key("title.copies", "F9", "See the copies and what waits for them", "title"),
    Key("title.history", "F10", "See how the stock moved", "title"),
    Key("title.sales", "F11", "See the sales", "title"),
    Key("title.sell", "F12", "Add to the sale", "title"),
    Key("title.receipt", "Ctrl+O", "Open the receipt", "title"),
    Key("title.customer", "Shift+F12", "Order it for a customer", "title"),
    Key("title.labels", "Ctrl+P", "Print labels", "title"),
    Key("title.back", "Esc", "Go back", "title"),
    Key("labels.price", "F5", "Print price labels", "labels"),
    Key("labels.shelf", "F6", "Print shelf labels", "labels"),
    Key("labels.print", "F12", "Print the labels", "labels"),
    Key("labels.back", "Esc", "Go back", "labels"),
    Key("till.open", "F12", "Open the till", "till"),
    Key("till.paid_in", "F5", "Pay in", "till"),
    Key("till.paid_out", "F6", "Pay out", "till"),
    Key("till.drop", "F7", "Drop cash", "till"),
    Key("till.report", "F8", "Look into the till: X report", "till"),
    Key("till.close", "F10", "Count and close the till", "till"),
    Key("till.commit", "F12", "Commit the count and close the till", "till.count"),
    Key("till.past", "F11", "Show the report of a past till", "till"),
    Key("till.print", "F4", "Print the report", "till"),
    Key("till.pdf", "F9", "Save the report as PDF", "till"),
    Key("till.pages", "Ctrl+P", "Print the report as pages", "till"),
    Key("till.back", "Esc", "Go back", "till"),
    Key("settings.save", "F12", "Save the changes", "settings"),
    Key("settings.carrier_connect", "F5", "Try the key of the carriers' account and connect", "settings"),
    Key("settings.carrier_keep", "F6", "Keep the key of the carriers' account", "settings"),
    Key("settings.carrier_look", "F7", "Ask for the balance of the carriers' account", "settings"),
    Key("settings.carrier_change", "F4", "Use another key of the carriers' account", "settings"),
    Key("settings.carrier_forget", "Ctrl+D", "Forget the key of the carriers' account", "settings"),
    Key("settings.package_add", "F8", "Add a package", "settings"),
    Key("settings.package_change", "Shift+F8", "Change the package", "settings"),
    Key("settings.package_remove", "Ctrl+F8", "Remove the package", "settings"),
    Key("settings.preset_add", "F9", "Add a preset", "settings"),
    Key("settings.preset_change", "Shift+F9", "Change the preset", "settings"),
    Key("settings.preset_remove", "Ctrl+F9", "Remove the preset", "settings"),
    Key("settings.rule_add", "F10", "Add a rule for new orders", "settings"),
    Key("settings.rule_change", "Shift+F10", "Change the rule", "settings"),
    Key("settings.rule_remove", "Ctrl+F10", "Remove the rule", "settings"),
    Key("settings.rule_up", "Ctrl+Up", "Move the rule up", "settings"),
    Key("settings.rule_down", "Ctrl+Down", "Move the rule down", "settings"),
    Key("papers.save", "F9", "Save the papers as PDF", "papers"),
    Key("papers.print", "F12", "Print the papers", "papers"),
    Key("papers.close", "Esc", "Stop, or close", "papers"),
    Key("picking.title", "Shift+F2", "Show all that is known of the title", "picking"),
    Key("picking.one", "F5", "Pick one copy without scanning", "picking"),
    Key("picking.all", "F6", "Pick all copies of the title", "picking"),
    Key("picking.put_back", "F7", "Put one copy back", "picking"),
    Key("picking.missing", "F8", "Say that a copy is not there", "picking"),
    Key("picking.pickup", "F11", "Make a pickup ready", "picking"),
    Key("picking.pack", "F12", "Pack the orders", "picking"),
    Key("picking.print", "Ctrl+P", "Print or save the pick list", "picking"),
    Key("picking.back", "Esc", "Go back", "picking"),
    Key("packing.problem", "F3", "Report a problem", "packing"),
    Key("packing.together", "F4", "Pack other orders with it", "packing"),
    Key("packing.by_eye", "F5", "Check a copy without scanning", "packing"),
    Key("packing.box", "F6", "Begin another parcel", "packing"),
    Key("packing.move", "F7", "Put a copy into this parcel", "packing"),
    Key("packing.ship", "F8", "Ship", "packing"),
    Key("packing.by_hand", "Shift+F8", "Ship with a number by hand", "packing"),
    Key("packing.unpack", "F9", "Unpack", "packing"),
    Key("packing.delivered", "F10", "Mark delivered", "packing"),
    Key("packing.next", "F11", "Go to the next order", "packing"),
    Key("packing.pack", "F12", "Pack", "packing"),
    Key("packing.slip", "Ctrl+P", "Print or save papers", "packing"),
    Key("packing.back", "Esc", "Go back", "packing"),
    Key("devices.rename", "F2", "Rename the device", "devices"),
    Key("devices.check", "F4", "Ask the device how it is", "devices"),
    Key("devices.test", "F5", "Test the device", "devices"),
    Key("devices.drawer", "F6", "Open the drawer as a test", "devices"),
    Key("devices.scanner", "F7", "Set up a scanner", "devices"),
    Key("devices.help", "F9", "Find out what is wrong", "devices"),
    Key("devices.discard", "F10", "Discard the changes", "devices"),
    Key("devices.add", "F11", "Add a device", "devices"),
    Key("devices.save", "F12", "Save the changes", "devices"),
    Key("devices.remove", "Ctrl+D", "Remove the device", "devices"),
    Key("orders.search", "F2", "Find an order", "orders"),
    Key("orders.new", "F3", "Enter a new order", "orders"),
    Key("orders.edit", "F4", "Edit the order", "orders"),
    Key("orders.print", "F5", "Print papers for the order", "orders"),
    Key("orders.acts", "F6", "See what else can be done with the order", "orders"),
    Key("orders.tell", "F8", "Choose what the customer hears", "orders"),
    Key("orders.books", "F9", "See the books of the order", "orders"),
    Key("orders.facts", "F10", "See the facts of the order", "orders"),
    Key("orders.history", "F11", "See the history of the order", "orders"),
    Key("orders.next", "F12", "Do what comes next", "orders"),
    Key("orders.memo", "Shift+F2", "Change the memo", "orders"),
    Key("orders.message", "Shift+F3", "Write to the customer", "orders"),
    Key("orders.problem", "Shift+F4", "Report a problem", "orders"),
    Key("orders.payment", "Shift+F5", "Record what happened to the money", "orders"),
    Key("orders.hold", "Shift+F6", "Hold the order", "orders"),
    Key("orders.cancel", "Ctrl+D", "Cancel the order or copies of it", "orders"),
    Key("many.confirm", "F8", "Confirm the selected orders", "many"),
    Key("many.start", "F9", "Start the selected orders", "many"),
    Key("many.allocate", "F10", "Allocate copies to the selected orders", "many"),
    Key("many.ready", "F11", "Make the selected orders ready", "many"),
    Key("many.remind", "Ctrl+R", "Remind the customers of the selected orders", "many"),
    Key("many.deliver", "Ctrl+G", "Mark the selected orders delivered", "many"),
    Key("many.complete", "F12", "Complete the selected orders", "many"),
    Key("many.hold", "Ctrl+E", "Hold the selected orders", "many"),
    Key("many.release_hold", "Ctrl+T", "Release the selected orders", "many"),
    Key("many.pick", "F4", "Pick the selected orders", "many"),
    Key("many.print", "F5", "Print papers for the selected orders", "many"),
    Key("many.pack", "F6", "Check and pack the selected orders", "many"),
    Key("many.labels", "Shift+F12", "Ship the selected orders with labels", "many"),
    Key("many.stop", "Ctrl+D", "Stop working on the selected orders", "many"),
    Key("many.clear", "Shift+F6", "Select none", "many"),
    Key("shipping.list", "F2", "Go to the parcels", "shipping"),
    Key("shipping.to_ship", "Shift+F2", "List what is to be shipped", "shipping"),
    Key("shipping.problems", "Shift+F3", "List what needs somebody", "shipping"),
    Key("shipping.today", "Shift+F4", "List what was shipped today", "shipping"),
    Key("shipping.parcel", "F3", "Change weight, package or options", "shipping"),
    Key("shipping.rates", "F4", "Go to the prices", "shipping"),
    Key("shipping.weigh", "F5", "Read the scale", "shipping"),
    Key("shipping.check", "F6", "Check the address", "shipping"),
    Key("shipping.all", "F7", "Select every parcel in the list", "shipping"),
    Key("shipping.suggested", "F8", "Use the suggested address", "shipping"),
    Key("shipping.written", "F9", "Keep the address as written", "shipping"),
    Key("shipping.more", "F10", "See what else can be done with the parcel", "shipping"),
    Key("shipping.price", "F11", "Get the prices", "shipping"),
    Key("shipping.buy", "F12", "Buy and print the label", "shipping"),
    Key("shipping.next", "Ctrl+Down", "Go to the next parcel that waits", "shipping"),
    Key("shipping.reprint", "Shift+F5", "Print the label again", "shipping"),
    Key("shipping.label", "Ctrl+E", "See what can be done with the label", "shipping"),
    Key("shipping.by_hand", "Shift+F6", "Type a number by hand", "shipping"),
    Key("shipping.many", "Shift+F7", "Buy labels for many parcels at once", "shipping"),
    Key("shipping.address", "Shift+F8", "Correct the address on the label", "shipping"),
    Key("shipping.split", "Shift+F9", "Split or combine on the pack table", "shipping"),
    Key("shipping.customs", "Shift+F10", "Change what customs is told", "shipping"),
    Key("shipping.drop", "Shift+F11", "Leave the prices", "shipping"),
    Key("shipping.set_up", "Shift+F12", "Connect a carriers' account", "shipping"),
    Key("shipping.address_label", "Ctrl+P", "Print the address label", "shipping"),
    Key("shipping.back", "Esc", "Go back", "shipping"),
    Key("shipping_sheet.do", "F12", "Do what the sheet asks", "shipping_sheet"),
    Key("many_labels.list", "F2", "Go to the parcels", "many_labels"),
    Key("many_labels.order", "F4", "Open the order", "many_labels"),
    Key("many_labels.label", "F5", "See the label, and what can be done with it", "many_labels"),
    Key("many_labels.all", "F7", "Select every parcel", "many_labels"),
    Key("many_labels.out", "F8", "Leave parcels out, or put them back", "many_labels"),
    Key("many_labels.prices", "F9", "Get the prices", "many_labels"),
    Key("many_labels.go_on", "F10", "Go on buying where it was interrupted", "many_labels"),
    Key("many_labels.leave", "Shift+F10", "Leave the labels that were not bought", "many_labels"),
    Key("many_labels.buy", "F12", "Buy and print the labels", "many_labels"),
    Key("many_labels.stop", "Ctrl+D", "Stop", "many_labels"),
    Key("many_labels.back", "Esc", "Go back", "many_labels"),
    Key("day_end.carriers", "F2", "Go to the carriers", "day_end"),
    Key("day_end.parcels", "F3", "Go to the parcels", "day_end"),
    Key("day_end.label", "F5", "See the label, and what can be done with it", "day_end"),
    Key("day_end.print", "F6", "Print the carrier's list", "day_end"),
    Key("day_end.visit", "F7", "Ask for the carrier's visit", "day_end"),
    Key("day_end.lists", "F9", "Make the lists of the carriers", "day_end"),
    Key("day_end.hand", "F12", "Hand the parcels over", "day_end"),
    Key("day_end.cancel", "Ctrl+D", "Call the carrier's visit off", "day_end"),
    Key("day_end.list", "Ctrl+P", "Print the list of the day", "day_end"),
    Key("day_end.back", "Esc", "Go back", "day_end"),
    Key("label.reprint", "F5", "Print the label again", "label"),
    Key("label.return", "F6", "Buy a label for the way back", "label"),
    Key("label.insure", "F7", "Insure the parcel", "label"),
    Key("label.look", "F8", "Look up whether the label was bought", "label"),
    Key("label.bought", "F9", "Say that the label was bought", "label"),
    Key("label.not_bought", "F10", "Say that the label was not bought", "label"),
    Key("label.void", "F11", "Give the label back", "label"),
    Key("label.void_again", "Shift+F11", "Ask for the refund again", "label"),
    Key("orders.all", "F7", "Select every order in the list", "orders"),
    Key("orders.more", "Shift+F7", "Show older orders", "orders"),
    Key("promises.all", "F2", "List every deadline", "promises"),
    Key("promises.late", "F3", "List what is late", "promises"),
    Key("promises.today", "F4", "List what is due today", "promises"),
    Key("promises.week", "F5", "List what is due this week", "promises"),
    Key("promises.later", "F6", "List what is due later", "promises"),
    Key("promises.open", "F12", "Open the order", "promises"),
    Key("promises.figures", "F9", "See the figures", "promises"),
    Key("promises.back", "Esc", "Go back to the orders", "promises"),
    Key("figures.days7", "F2", "Take the last 7 days", "figures"),
    Key("figures.days30", "F3", "Take the last 30 days", "figures"),
    Key("figures.days90", "F4", "Take the last 90 days", "figures"),
    Key("figures.month", "F5", "Take this month", "figures"),
    Key("figures.custom", "F6", "Choose the days", "figures"),
    Key("figures.hours", "F7", "Count in opening hours or by the clock", "figures"),
    Key("figures.groups", "F8", "List by source", "figures"),
    Key("figures.times", "F9", "List by day, week or month", "figures"),
    Key("figures.causes", "F10", "List what went wrong", "figures"),
    Key("figures.csv", "F12", "Save the figures as CSV", "figures"),
    Key("figures.back", "Esc", "Go back", "figures"),
    Key("pickup.search", "F2", "Find who is collecting", "pickup"),
    Key("pickup.photo", "F3", "Photo ID was seen", "pickup"),
    Key("pickup.email", "F4", "The order e-mail was shown", "pickup"),
    Key("pickup.known", "F5", "The customer is known", "pickup"),
    Key("pickup.by_hand", "F6", "Check a book by hand", "pickup"),
    Key("pickup.ready", "F7", "Make the order ready", "pickup"),
    Key("pickup.again", "F8", "Start over", "pickup"),
    Key("pickup.sale", "F9", "Add the order to the sale", "pickup"),
    Key("pickup.part", "F10", "Hand over a part", "pickup"),
    Key("pickup.hand", "F12", "Hand over", "pickup"),
    Key("pickup.slip", "Ctrl+P", "Print the slip again", "pickup"),
    Key("pickup.back", "Esc", "Go back", "pickup"),
    Key("setup.next", "F12", "Go on", "setup"),
    Key("setup.back", "F10", "Go back", "setup"),
    Key("step.do", "F12", "Record it", "step"),
    Key("step.search", "F2", "Find another title", "step"),
    Key("step.photo", "F5", "Choose a photo", "step"),
    Key("order_form.search", "F2", "Find a title to add", "order_form"),
    Key("order_form.quantity", "F3", "Change the quantity", "order_form"),
    Key("order_form.customer", "F4", "Find a customer", "order_form"),
    Key("order_form.swap", "F5", "Swap the line for another title", "order_form"),
    Key("order_form.price", "F10", "Change the price", "order_form"),
    Key("order_form.remove", "F11", "Remove the line", "order_form"),
    Key("order_form.save", "F12", "Save the order", "order_form"),
)


def find_key(key_id: str) -> Key:
    """Return the key with this id; KeyError when the table has none."""
    for key in KEYS:
        if key.id == key_id:
            return key
    raise KeyError(f"no key {key_id!r} in the table of keys")


def label(key_id: str) -> str:
    """Return the key as this computer writes it, such as "F6" or "Ctrl+1"."""
    return native(find_key(key_id).sequence)


def native(sequence: str) -> str:
    """Return a portable key sequence as this computer writes it."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText)


def work_key(owner: QWidget, key_id: str, act: Callable[[], object]) -> None:
    """Let a key do `act` while `owner` can be seen, is enabled and is in the active window.

    Buttons and search lines do this themselves; use it for a key that has neither.
    """
    shortcut = QShortcut(QKeySequence(find_key(key_id).sequence), owner)
    shortcut.setObjectName(key_id)
    shortcut.setAutoRepeat(False)
    shortcut.activated.connect(act)


def keys_under(root: QObject) -> tuple[Key, ...]:
    """Return the keys that the widgets under `root` own, in the order of the table."""
    owned = {shortcut.objectName() for shortcut in root.findChildren(QShortcut)}
    return tuple(key for key in KEYS if key.id in owned)


def clashes(table: tuple[Key, ...] = KEYS) -> list[tuple[str, str]]:
    """Return the pairs of ids that share a key where both would work, and ids used twice."""
    found = []
    for place, one in enumerate(table):
        for other in table[place + 1 :]:
            together = one.scope == other.scope or EVERYWHERE in (one.scope, other.scope)
            same = QKeySequence(one.sequence) == QKeySequence(other.sequence)
            if one.id == other.id or (together and same):
                found.append((one.id, other.id))
    return found
