"""A CUPS of its own in a folder of its own, with queues to printers on the loopback network.

Nothing of the machine's CUPS is touched: it listens on a socket in the folder, which `CUPS_SERVER` names.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_SECONDS = 30
_CONFIG = """
Listen {folder}/cups.sock
LogLevel warn
DefaultAuthType None
Browsing No
WebInterface No
ErrorPolicy abort-job
PreserveJobHistory Yes
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
_FILES = """
ServerRoot {folder}/conf
StateDir {folder}/run
RequestRoot {folder}/spool
CacheDir {folder}/cache
TempDir {folder}/spool/tmp
AccessLog {folder}/log/access
ErrorLog {folder}/log/error
PageLog {folder}/log/page
"""


class CupsBed:
    """A running CUPS."""

    def __init__(self, folder: Path) -> None:
        self.server = str(folder / "cups.sock")
        self._log = folder / "log" / "error"

    def add(self, queue: str, uri: str, *options: str) -> None:
        """Add a queue of raw jobs."""
        self.run("lpadmin", "-p", queue, "-E", "-v", uri, "-m", "raw", *options)

    def add_to_port(self, queue: str, port: int, *options: str) -> None:
        """Add a queue to a printer on the loopback network."""
        self.add(queue, f"socket://127.0.0.1:{port}/?contimeout=3600", *options)

    def run(self, *command: str) -> str:
        """Run a command of CUPS; return what it says."""
        environment = {**os.environ, "CUPS_SERVER": self.server}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_SECONDS)
        log = self._log.read_text() if self._log.exists() else ""
        assert done.returncode == 0, f"{command}: {done.stderr}{log}"
        return done.stdout


@contextlib.contextmanager
def cups_bed() -> Iterator[CupsBed]:
    """Run CUPS until the end of the block."""
    for need, package in (("lp", "cups-client"), ("/usr/sbin/cupsd", "cups")):
        if shutil.which(need) is None:
            pytest.fail(f"{need} is needed to run a printing system for this test: apt-get install {package}")
    folder = Path(tempfile.mkdtemp(prefix="bookwish-cups-", dir="/tmp"))
    folder.chmod(0o755)
    for name in ("conf/ppd", "spool/tmp", "cache", "run", "log"):
        (folder / name).mkdir(parents=True)
    conf = folder / "conf"
    (conf / "cupsd.conf").write_text(_CONFIG.format(folder=folder))
    (conf / "cups-files.conf").write_text(_FILES.format(folder=folder))
    with (folder / "log" / "cupsd").open("w") as log:
        process = subprocess.Popen(
            [
                "/usr/sbin/cupsd",
                "-f",
                "-c",
                f"{folder}/conf/cupsd.conf",
                "-s",
                f"{folder}/conf/cups-files.conf",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(folder / "cups.sock", process)
        yield CupsBed(folder)
    finally:
        process.terminate()
        process.wait(_SECONDS)
        shutil.rmtree(folder)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return path.exists() and line.connect_ex(str(path)) == 0


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _SECONDS
    while not _listens(path):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
        assert process.poll() is None, "cupsd ended at once; its words are in its log"
        assert time.monotonic() < until, "cupsd does not come up"
