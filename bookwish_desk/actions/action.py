"""The decorator that makes a function over a transaction into an action over a store."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, Generic, ParamSpec, TypeVar

import msgspec

from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.errors import StorageError

P = ParamSpec("P")
T = TypeVar("T")


class Outcome(msgspec.Struct, Generic[T], frozen=True):
    """What an action gave back, and which nouns its commit touched."""

    value: T
    changes: frozenset[str] = frozenset()


Action = Callable[Concatenate[Store, P], Outcome[T]]


def action(function: Callable[Concatenate[Tx, P], T]) -> Action[P, T]:
    """Make `function(tx, ...)` an action `function(store, ...)`: one transaction around all of it.

    Whatever it raises undoes everything; what it returns is durable when the caller gets it. It is run a
    second time where the disk was full and the ballast made room.
    """

    def act(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> Outcome[T]:
        try:
            return once(store, *args, **kwargs)
        except StorageError as fault:
            # The disk was full, nothing was changed, and the ballast has made room.
            if not fault.facts.get("freed"):
                raise
        return once(store, *args, **kwargs)

    def once(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> Outcome[T]:
        with store.write() as tx:
            value = function(tx, *args, **kwargs)
        return Outcome(value, frozenset(tx.touched))

    update_wrapper(act, function)
    return act
