"""How the online store says no: one error with everything that its answer needs."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A request that is not carried out; nothing of it is kept.

    `code` is in the spelling of flat errors (`ValidationError`). `beside` is what the answer holds besides.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: list[dict[str, str]] | None = None,
        *,
        headers: dict[str, str] | None = None,
        beside: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers or {}
        self.beside = beside or {}


class Collision(Exception):
    """Somebody else changed the same row meanwhile: the transaction is done again from its start."""


def invalid(path: str, message: str) -> Refusal:
    """Return the refusal of one wrong field."""
    return Refusal(400, "ValidationError", "Some fields are wrong", [{"path": path, "message": message}])


def not_found(what: str) -> Refusal:
    """Return the refusal for something that is not there."""
    return Refusal(404, "NotFound", f"There is no such {what}")


def forbidden(message: str = "Only staff of this store may do this") -> Refusal:
    """Return the refusal for somebody who may not."""
    return Refusal(403, "Forbidden", message)


def conflict(message: str) -> Refusal:
    """Return the refusal for what clashes with what is stored."""
    return Refusal(409, "Conflict", message)


def unprocessable(message: str, code: str = "Unprocessable") -> Refusal:
    """Return the refusal for what is well formed and against a rule."""
    return Refusal(422, code, message)
