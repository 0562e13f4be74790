"""An address for one label, as the questions of a form and back. No Qt here."""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.shop import delivery_address
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.sale import plain
from bookwish_desk.ui.forms.inputs import Input, Values, filled

_LIMIT = 100


def inputs(
    address: PostalAddress, values: Values | None = None, wrong: Refused | None = None
) -> tuple[Input, ...]:
    """Return the questions, with what was typed and what is wrong with it."""
    found = (
        Input("name", "Name", value=address.name, limit=_LIMIT),
        Input("line1", "Street and number", value=address.line1, limit=_LIMIT),
        Input("line2", "Flat, floor, company", value=address.line2, limit=_LIMIT),
        Input("city", "Town", value=address.city, limit=_LIMIT, half=True),
        Input("state", "State", value=address.state, limit=60, half=True),
        Input("postal_code", "Postal code", value=address.postal_code, limit=20, half=True),
        Input("country", "Country, two letters", value=address.country, limit=2, half=True),
    )
    errors = {str(wrong.facts.get("field", "")): wrong.message} if wrong is not None else {}
    return filled(found, values or Values(), errors)


def read(address: PostalAddress, values: Values) -> PostalAddress:
    """Return what was typed. Raises Refused (`field` is the input's key) for what cannot be sent to."""
    typed: dict[str, str] = {}
    for one in inputs(address):
        try:
            typed[one.key] = plain(values.text(one.key).strip(), one.limit)
        except Refused as refused:
            raise Refused(refused.code, refused.message, field=one.key) from None
    made = replace(address, **{**typed, "country": typed["country"].upper()})
    for field, sentence in delivery_address.faults(made).items():
        raise Refused("address", sentence, field=field)
    return made
