"""Runs the demonstration's far sides beside the desk, as processes of their own that may be killed.

The desk reaches them by HTTP alone. They end with the desk, however it ends: their standard input closes.
Nothing here knows Qt; what takes time is done on a lane.
"""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Generic, Protocol, TypeVar

import msgspec

from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.secret import Secret

log = logging.getLogger(__name__)

LANE = "demo store"
FOLDER = "online-store"
"""Where in the data folder the store keeps everything."""
CARRIERS_LANE, CARRIERS_FOLDER = "demo carriers", "carriers"
SHOPPERS_S = 90
"""About how often a customer orders by themselves."""
START_S = 60.0
"""How long a start may take: on a slow computer the first takes some seconds."""
_WORD_BYTES = 24
_PASSWORD_BYTES = 4
"""Short: the screen shows it, and people type it who try how signing in goes."""
DAY_MS, IDLE_MS, REFUND_MS = 40_000, 150_000, 90_000
"""In a demonstration a parcel's day takes less than a minute, and one that nobody hands over waits for some:
a label can be given back, and a parcel arrives while somebody watches."""

Told = Callable[[], None]
H = TypeVar("H", bound="Hello")


class Doing(Protocol):
    """What a far side needs of the desk's lanes."""

    def work(
        self,
        job: Callable[[], Any],
        *,
        then: Callable[[Any], None] | None = None,
        failed: Callable[[ShopError], None] | None = None,
        lane: str = "desk",
    ) -> None:
        """Do slow work on a lane; `then` and `failed` come home."""

    def home(self, call: Callable[[], None]) -> None:
        """Run `call` at home."""


class Hello(msgspec.Struct, rename="camel", frozen=True):
    """What a far side says when it listens."""

    port: int
    address: str


class StoreHello(Hello, rename="camel", frozen=True):
    """What a store says when it listens."""

    email: str
    store_id: str


class FarSide(Generic[H]):
    """One far side of the demonstration. Made and asked at home; nothing here blocks.

    Where it says nothing is wrong, `trouble` is empty. `title` is what people call it.
    """

    def __init__(
        self, folder: Path, lanes: Doing, hello: type[H], *, lane: str, name: str, title: str
    ) -> None:
        self._folder = folder
        self._lanes = lanes
        self._hello = hello
        self._lane, self._name, self._title = lane, name, title
        self._control = secrets.token_urlsafe(_WORD_BYTES)
        self._process: subprocess.Popen[bytes] | None = None
        self._spawned: subprocess.Popen[bytes] | None = None
        self._starting = self._closed = False
        self._watchers: list[Told] = []
        self.hello: H | None = None
        self.trouble = ""

    @property
    def running(self) -> bool:
        """Say whether it runs and answers."""
        return self._process is not None

    def watch(self, told: Told) -> Callable[[], None]:
        """Call `told` when it was started, stopped or died; return what ends that."""
        self._watchers.append(told)
        return lambda: self._watchers.remove(told) if told in self._watchers else None

    def start(self) -> None:
        """Start it with what it had, at the port it had where that is free."""
        if self._starting or self._process is not None or self._closed:
            return
        self._starting = True
        self._lanes.work(self._launch, then=self._launched, failed=self._failed, lane=self._lane)

    def stop(self) -> None:
        """Kill it, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End it for good, with the desk."""
        self._closed = True
        self._watchers.clear()
        for process in (self._process, self._spawned):
            if process is not None:
                process.kill()

    # ---- what each of them is ----

    def _prepare(self) -> None:
        """Get ready what it is started with. On the lane; raises ShopError."""

    def _command(self) -> list[str]:
        """Return the module and what it is told, but for its port."""
        raise NotImplementedError

    def _words(self) -> dict[str, str]:
        """Return what only it may know."""
        return {"control": self._control}

    def _started(self) -> None:
        """Put away what it was started with. On the lane."""

    # ---- on the lane ----

    def _launch(self) -> tuple[subprocess.Popen[bytes], H]:
        """Start the process and wait until it listens. Raises Refused."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._prepare()
        kept = self._folder / "port"
        # The same port where it can be had: the shop's settings name it.
        for port in (*_port_in(kept), 0):
            if self._closed:
                break
            process = self._spawned = self._spawn(port)
            hello = _first_words(process, self._hello)
            if hello is not None and not self._closed:
                self._started()
                kept.write_text(str(hello.port), encoding="ascii")
                return process, hello
            _end(process)
        raise Refused(
            f"no_{self._name}",
            f"The demonstration's {self._title} did not start. The desk works without it.",
        )

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *self._command(), "--port", str(port), "--control", "--with-parent"]
        with (self._folder / f"{self._name}.log").open("ab") as errors:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
                )
            except OSError as fault:
                raise Refused(
                    f"no_{self._name}", f"The {self._title} did not start: {fault.strerror}."
                ) from fault
        assert process.stdin is not None
        try:
            process.stdin.write(msgspec.json.encode(self._words()) + b"\n")
            process.stdin.flush()
        except OSError:
            pass  # it has ended already, which is seen next
        return process

    # ---- at home ----

    def _launched(self, started: tuple[subprocess.Popen[bytes], H]) -> None:
        process, hello = started
        self._starting = False
        self._process, self.hello, self.trouble = process, hello, ""
        log.info("event=demo_%s_runs port=%d", self._name, hello.port)
        if self._closed:
            process.kill()
        name = f"demo-{self._name}"
        threading.Thread(target=self._wait, args=(process,), daemon=True, name=name).start()
        self._tell()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        _end(process)
        self._lanes.home(lambda: self._ended(process))

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        if self._process is process:
            self._process = None
            log.info("event=demo_%s_ended code=%s", self._name, process.returncode)
            self._tell()

    def _failed(self, error: ShopError) -> None:
        self._starting = False
        self.trouble = error.message
        self._tell()

    def _tell(self) -> None:
        for told in list(self._watchers):
            told()


class DemoStore(FarSide[StoreHello]):
    """The online store of the demonstration. `make_seed` returns what a new one has; called on a lane."""

    def __init__(self, folder: Path, lanes: Doing, make_seed: Callable[[], bytes]) -> None:
        super().__init__(folder / FOLDER, lanes, StoreHello, lane=LANE, name="store", title="online store")
        self._make_seed = make_seed
        self._password = secrets.token_hex(_PASSWORD_BYTES)

    @property
    def password(self) -> Secret:
        """Return the password of its account: made anew each time the desk starts."""
        return Secret(self._password)

    @property
    def account_words(self) -> str:
        """Return how one signs in there: the screens show it, as they show the PINs of a demonstration."""
        if self.hello is None:
            return ""
        return f"In this demonstration: {self.hello.email}, password {self._password}."

    def order_now(self) -> None:
        """Let a customer order something now; nothing where it does not run."""
        if self._process is not None and self.hello is not None:
            port = self.hello.port
            self._lanes.work(lambda: self._ask(port, "/control/orders"), failed=_not_now, lane=LANE)

    def _prepare(self) -> None:
        """Write the file that a new store is made of, which stays until one was made of it."""
        path = self._folder / "seed.json"
        if not path.exists() and (self._folder / "store.db").exists():
            return
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(self._make_seed())

    def _command(self) -> list[str]:
        command = ["bookwish_desk.demo.online_store", "--data", str(self._folder / "store.db")]
        command += ["--shoppers", str(SHOPPERS_S)]
        seed = self._folder / "seed.json"
        return [*command, "--seed", str(seed)] if seed.exists() else command

    def _words(self) -> dict[str, str]:
        return {"password": self._password, **super()._words()}

    def _started(self) -> None:
        (self._folder / "seed.json").unlink(missing_ok=True)

    def _ask(self, port: int, path: str) -> None:
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", path, body=b"{}", headers={"X-Control": self._control})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException) as fault:
            raise Refused("no_store", "The online store does not answer.") from fault
        finally:
            connection.close()


class DemoCarriers(FarSide[Hello]):
    """The carriers of the demonstration: labels can be bought and printed, and no parcel moves."""

    def __init__(self, folder: Path, lanes: Doing) -> None:
        super().__init__(
            folder / CARRIERS_FOLDER,
            lanes,
            Hello,
            lane=CARRIERS_LANE,
            name="carriers",
            title="simulated carriers",
        )
        self._key = f"EZSIM{secrets.token_hex(_WORD_BYTES)}"

    @property
    def key(self) -> Secret:
        """Return the key of its account: made anew each time the desk starts."""
        return Secret(self._key)

    def _command(self) -> list[str]:
        command = ["bookwish_desk.demo.carriers", "--data", str(self._folder / "carriers.db")]
        pace = (("--day-ms", DAY_MS), ("--idle-ms", IDLE_MS), ("--refund-ms", REFUND_MS))
        return [*command, *(str(part) for pair in pace for part in pair)]

    def _words(self) -> dict[str, str]:
        return {"key": self._key, **super()._words()}


def _port_in(path: Path) -> tuple[int, ...]:
    try:
        port = int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return ()
    return (port,) if 1024 <= port <= 65_535 else ()


def _first_words(process: subprocess.Popen[bytes], hello: type[H]) -> H | None:
    """Return what a far side says first, None where it ends or says nothing for too long."""
    assert process.stdout is not None
    patience = threading.Timer(START_S, process.kill)
    patience.daemon = True
    patience.start()
    try:
        return msgspec.json.decode(process.stdout.readline(), type=hello)
    except msgspec.DecodeError:
        return None
    finally:
        patience.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process if it is there still, and close our ends of its pipes."""
    process.kill()
    process.wait()
    pipes: tuple[IO[bytes] | None, ...] = (process.stdin, process.stdout)
    for pipe in pipes:
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                pass  # what was not written is of no use any more


def _not_now(error: ShopError) -> None:
    log.info("event=demo_order_failed code=%s", error.code)
