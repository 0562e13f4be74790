"""Known failures: things that go wrong in a shop and are said in plain words beside the control.

Anything that is not one of these is a bug: a lane logs it and shows one calm dialog.
"""

from __future__ import annotations


class ShopError(Exception):
    """A refusal that a person can understand.

    `code` is stable and for programs, `message` is one plain sentence for people, `facts` are the
    values behind it (never card or customer data: they may be logged).
    """

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts


class Stopped(Exception):
    """A read that nobody waits for any more was broken off. It is no failure and nobody is told."""


class Refused(ShopError):
    """The rule of the trade or of the shop forbids it as asked."""


class NeedsApproval(ShopError):
    """The person at the register may not do this alone; a manager's PIN lets this one action through.

    `facts` hold `permission` and `ref`: what must be approved, for which sale or till.
    """


class DeviceError(ShopError):
    """A device did not take the job; `facts["accepted"]` says how many bytes it had taken."""


class StorageError(ShopError):
    """The database, the disk or the data folder does not allow it."""
