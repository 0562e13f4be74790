"""The customer's screen: what is sold and what it comes to, large, on a second screen.

Used by `showing` alone:
    window = CustomerWindow()
    placing = Placing("HDMI-1", window, register_window, told)
    window.show_view(view)
    placing.close()
`screens(register_window)` names the screens that one can choose.
"""

from bookwish_desk.ui.customer.placing import Placing, screens
from bookwish_desk.ui.customer.screen import CustomerWindow

__all__ = ["CustomerWindow", "Placing", "screens"]
