"""What the head of the screen for many labels says: how far it is, and what the work with carriers lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bookwish_desk.shop.text import clean

if TYPE_CHECKING:
    from bookwish_desk.ui.many_labels.buying_run import BuyingRun
    from bookwish_desk.ui.many_labels.pricing import Pricing
    from bookwish_desk.ui.station import Station

NO_CARRIERS = "No carriers' account is connected. Connect one in the settings, or ship by hand with a number."
NO_KEY = "The key of the carriers' account is missing or wrong. Type it again in the settings."
AWAY = "Carriers cannot be reached just now. What is asked for waits, and nothing is bought meanwhile."


def progress(buying: BuyingRun, pricing: Pricing) -> dict[str, object]:
    """Return what of the screen's state tells how far buying or asking for prices is."""
    if buying.running:
        return {"running": "buying", "done": buying.done, "count": buying.count, "doing": buying.words}
    if pricing.running:
        done, count = pricing.done, pricing.count
        return {"running": "pricing", "done": done, "count": count, "doing": f"{done} of {count} answered"}
    return {"running": "", "done": 0, "count": 0, "doing": ""}


def lacks(station: Station) -> dict[str, str]:
    """Return what of the screen's state tells what keeps labels from being bought, or from being real."""
    state = station.shipping.state if station.shipping is not None else None
    if state is None or state.way == "none" or not station.settings.shipping.connected:
        return {"barred": NO_CARRIERS, "away": "", "simulated": ""}
    said = clean(state.words, 200)
    return {
        "barred": (said or NO_KEY) if state.way == "key" else "",
        "away": (said or AWAY) if state.way == "away" else "",
        "simulated": state.unreal,
    }
