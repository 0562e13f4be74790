"""How the broker says no: one error with everything that its answer needs, by EasyPost's codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """A request that is not carried out; nothing of it is kept.

    `errors` are objects or plain texts: EasyPost writes both.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        errors: Sequence[Json | str] = (),
        *,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = list(errors)
        self.headers = headers or {}

    @property
    def body(self) -> Json:
        """Return what is answered."""
        return {"error": {"code": self.code, "message": self.message, "errors": self.errors}}


def not_found() -> Refusal:
    """Return the refusal for something that is not there."""
    return Refusal(404, "NOT_FOUND", "The requested resource could not be found.")


def required(field: str) -> Refusal:
    """Return the refusal of an empty request."""
    missing = {"field": field, "message": "cannot be blank"}
    return Refusal(422, "PARAMETER.REQUIRED", "Missing required parameter.", [missing])


def invalid_shipment(*errors: Json | str) -> Refusal:
    """Return the refusal of a shipment that is no shipment."""
    return Refusal(
        422,
        "SHIPMENT.INVALID_PARAMS",
        "Unable to create shipment, one or more parameters were invalid.",
        errors,
    )


def no_funds(message: str = "Insufficient funds. Please add funds to your wallet and try again.") -> Refusal:
    """Return the refusal for want of money."""
    return Refusal(402, "PAYMENT_REQUIRED", message)


def too_many(wait_s: int) -> Refusal:
    """Return the refusal of one request too many."""
    return Refusal(
        429,
        "RATE_LIMITED",
        "You have made too many requests. Please slow down.",
        headers={"Retry-After": str(wait_s)},
    )


def exists() -> Refusal:
    """Return the refusal of a second purchase."""
    return Refusal(422, "SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")


def in_progress() -> Refusal:
    """Return the refusal of a purchase while another is under way."""
    return Refusal(
        422, "SHIPMENT.PURCHASE.IN_PROGRESS", "A purchase of this shipment is already in progress."
    )
