"""Whose account it is, and by which carriers it sends."""

from __future__ import annotations

from bookwish_desk.demo.carriers.rating import ACCOUNTS
from bookwish_desk.demo.carriers.refusal import Json, not_found
from bookwish_desk.demo.carriers.wire import Answer, Call, money

USER = "user_51a0e0c1b7d24c0f8a0d5e3b9c7f1a00"
NAME = "Alder Falls Books"


def user(call: Call) -> Answer:
    """Return who has the key, and what is in the wallet."""
    if call.path.get("id", USER) != USER:
        raise not_found()
    told: Json = {
        "id": USER,
        "object": "User",
        "parent_id": None,
        "name": NAME,
        "phone_number": "8605550142",
        "verified": True,
        "created_at": "2026-01-05T14:00:00Z",
        "default_carbon_offset": False,
        "has_elevate_access": False,
        "balance": money(call.tx.balance(), 5),
        "price_per_shipment": "0.00000",
        "recharge_amount": None,
        "secondary_recharge_amount": None,
        "recharge_threshold": None,
        "has_billing_method": None,
        "cc_fee_rate": "0.0375",
        "default_insurance_amount": None,
        "insurance_fee_rate": "0.01",
        "insurance_fee_minimum": "0.50",
        "email": "broker@alderfallsbooks.example",
        "children": [],
    }
    return Answer(told)


def carrier_accounts(_call: Call) -> Answer:
    """Return the carriers of the account."""
    return Answer(
        [
            {
                "id": account,
                "object": "CarrierAccount",
                "type": f"{carrier.title() if carrier != 'FedEx' else 'Fedex'}Account",
                "clone": False,
                "created_at": "2026-01-05T14:00:00Z",
                "updated_at": "2026-01-05T14:00:00Z",
                "description": f"Simulated {carrier} account",
                "reference": None,
                "billing_type": "easypost",
                "readable": carrier,
                "logo": None,
            }
            for carrier, account in ACCOUNTS.items()
        ]
    )
