"""The payment panel on screen: what is typed when it opens goes into the amount, every time."""

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QStackedWidget

from bookwish_desk.ui.pay.screen import PayPanel
from bookwish_desk.ui.pay.state import PayState
from bookwish_desk.ui.theme import apply_theme


def test_a_typed_amount_arrives_when_the_panel_opens_and_opens_again(qtbot, qapp) -> None:
    apply_theme(qapp, "light")
    stack, sale, panel = QStackedWidget(), QLineEdit(), PayPanel()
    stack.addWidget(sale)
    stack.addWidget(panel)
    qtbot.addWidget(stack)
    taken: list[str] = []
    panel.cash_asked.connect(taken.append)
    with qtbot.waitActive(stack):
        stack.show()
    for typed in ("20", "50"):
        sale.setFocus()
        panel.show_state(PayState(due="$18.08", amount="18.08"))
        stack.setCurrentWidget(panel)
        QTest.keyClicks(stack.focusWidget(), typed)
        panel._cash.click()
        panel._amount.set_text("")
        stack.setCurrentWidget(sale)
    assert taken == ["20", "50"]


def test_the_amount_says_which_way_the_money_goes(qtbot, qapp) -> None:
    apply_theme(qapp, "light")
    panel = PayPanel()
    qtbot.addWidget(panel)
    for refund, words in ((False, "Amount handed over"), (True, "Amount to give back")) * 2:
        panel.show_state(PayState(due="$18.08", amount="18.08", refund=refund))
        assert (panel._amount.label(), panel._amount.edit.accessibleName()) == (words, words)
