"""Who carries requests to the online store: one after the other, or several at once. Knows no books.

`OneLine` does all on the calling thread: what a test asks for happens in one order. `ManyLines` has threads.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

CONNECTIONS = 4
"""So many requests are under way at once: a backlog is sent fast, and no server is stormed."""


class Lines(Protocol):
    """Connections that work is given to."""

    @property
    def count(self) -> int:
        """Return how many things are under way at once."""

    def each(self, jobs: Iterable[Callable[[], T]], spare: int = 0) -> Iterator[T]:
        """Do jobs and yield what they return as they end; a job is taken when there is a line for it.

        `spare` more are taken ahead, so that no line waits for the next one. What taking a job raises is
        raised when everything under way has ended and was yielded. Exhaust it: nothing is broken off.
        """

    def ahead(self, job: Callable[[], T]) -> Callable[[], T]:
        """Begin a job where that is possible; what is returned waits for its end."""


class OneLine:
    """Does everything on the calling thread, when it is asked for."""

    count = 1

    def each(self, jobs: Iterable[Callable[[], T]], spare: int = 0) -> Iterator[T]:
        """Do one job after the other."""
        for job in jobs:
            yield job()

    def ahead(self, job: Callable[[], T]) -> Callable[[], T]:
        """Do it when its end is asked for."""
        return job


class ManyLines:
    """Threads that carry requests; `close` ends them."""

    def __init__(self, count: int = CONNECTIONS) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="online")

    def each(self, jobs: Iterable[Callable[[], T]], spare: int = 0) -> Iterator[T]:
        """Do jobs on the threads; results come in the order in which they end."""
        ended: queue.SimpleQueue[Future[T]] = queue.SimpleQueue()
        source, open_ended, under_way = iter(jobs), True, 0
        fault: BaseException | None = None
        while True:
            while open_ended and under_way < self.count + spare:
                try:
                    job = next(source, None)
                except BaseException as raised:
                    fault, job = raised, None
                if job is None:
                    open_ended = False
                    break
                self._begun(job).add_done_callback(ended.put)
                under_way += 1
            if not under_way:
                break
            future = ended.get()
            under_way -= 1
            yield future.result()
        if fault is not None:
            raise fault

    def ahead(self, job: Callable[[], T]) -> Callable[[], T]:
        """Begin a job on a thread."""
        return self._begun(job).result

    def _begun(self, job: Callable[[], T]) -> Future[T]:
        try:
            return self._pool.submit(job)
        except RuntimeError:
            # Closed meanwhile: what is asked of a closed store ends at once, and whoever asks is told so.
            return _done(job)

    def close(self) -> None:
        """Take nothing more; what was taken ends by itself and is told to whoever waits for it."""
        self._pool.shutdown(wait=False)


def _done(job: Callable[[], T]) -> Future[T]:
    from concurrent.futures import Future

    future: Future[T] = Future()
    try:
        future.set_result(job())
    except BaseException as fault:
        future.set_exception(fault)
    return future
