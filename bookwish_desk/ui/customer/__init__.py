"""The customer's screen: what is sold and what it comes to, large, on a second screen.

Used by `showing` alone:
    window = CustomerWindow()
    placing = Placing("HDMI-1", window, register_window, told)
    window.show_view(view)
    placing.close()
A simulated one stands in a window of its own: `Loose(window, register_window, told)`.
`screens(register_window)` are those that one can choose.
"""

from bookwish_desk.ui.customer.placing import Loose, Placing, screens
from bookwish_desk.ui.customer.screen import CustomerWindow

__all__ = ["CustomerWindow", "Loose", "Placing", "screens"]
