"""The shop's books as the work with the online store uses them: actions on one lane, reads beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from bookwish_desk.actions.action import Outcome
    from bookwish_desk.db.store import Store

T = TypeVar("T")


class Books(Protocol):
    """Where everything that is heard and sent is written down."""

    def act(self, action: Callable[[Store], Outcome[T]]) -> T:
        """Do an action and return its value; durable when it returns. Raises ShopError."""

    def read(self, reading: Callable[[Store], T]) -> T:
        """Read."""

    def wanted(self) -> bool:
        """Say whether a person waits for the books: what is being written ends as early as it can then."""


class DirectBooks:
    """Books without lanes, for work that is alone with them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def act(self, action: Callable[[Store], Outcome[T]]) -> T:
        """Do it now."""
        return action(self._store).value

    def read(self, reading: Callable[[Store], T]) -> T:
        """Read it now."""
        return reading(self._store)

    def wanted(self) -> bool:
        """Nobody waits."""
        return False
