"""Mail servers on loopback: a real one (aiosmtpd), and one that does at a step what no good one does."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

# ---- a real server ----


class Inbox:
    """Keeps what it takes; answers recipients and messages as it was told."""

    def __init__(self, recipient: str = "", content: str = "", sender: str = "") -> None:
        self.taken: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self._answers = {"recipient": recipient, "content": content, "sender": sender}

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not self._answers["sender"]:
            envelope.mail_from = address
        return self._answers["sender"] or "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not self._answers["recipient"]:
            envelope.rcpt_tos.append(address)
        return self._answers["recipient"] or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if not self._answers["content"]:
            self.taken.append(envelope)
        return self._answers["content"] or "250 2.0.0 queued as 4711"

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: Any
    ) -> AuthResult:
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == "pässword".encode())


class _Controller(Controller):
    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]  # any that was free
        super()._trigger_server()


@contextmanager
def real_server(inbox: Inbox, **how: Any) -> Iterator[int]:
    """Give the port of a server that hands its mail to `inbox`."""
    controller = _Controller(inbox, hostname="127.0.0.1", port=0, **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


# ---- trust ----


class Authority:
    """Signs certificates for servers; `file` is what a computer that trusts it holds."""

    def __init__(self, folder: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = self._named("A throw-away authority")
        self.file = folder / "authority.pem"
        self.file.write_bytes(_pem(self._signed(self._name, self._key, "", days=30)))

    def server(self, host: str, days: int = 30) -> ssl.SSLContext:
        """Return what a server needs to be `host`, for so many days from now; some ago where less than 0."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        file = self._folder / f"{host}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(private + _pem(self._signed(self._named(host), key, host, days)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    @staticmethod
    def _named(name: str) -> Any:
        from cryptography import x509

        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

    def _signed(self, name: Any, key: Any, host: str, days: int) -> Any:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=90))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=not host, path_length=None), critical=True)
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _pem(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return bytes(certificate.public_bytes(serialization.Encoding.PEM))


# ---- a server with faults ----

STEPS = ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "body", "dot", "QUIT")
ANSWERS = {
    "greeting": b"220 mail.example.com\r\n",
    "EHLO": b"250-mail.example.com\r\n250 AUTH PLAIN LOGIN\r\n",
    "AUTH": b"235 in\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go on\r\n",
    "dot": b"250 taken\r\n",
    "QUIT": b"221 bye\r\n",
}
Act = bytes | Callable[[socket.socket], None]


def hang(link: socket.socket) -> None:
    """Say nothing more until the client has gone."""
    with contextlib.suppress(OSError):
        while link.recv(65_536):
            pass


def drop(link: socket.socket) -> None:
    """Break the connection off."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def drip(link: socket.socket) -> None:
    """Begin an answer and never end it, a byte now and then."""
    gone = threading.Event()
    with contextlib.suppress(OSError):
        link.sendall(b"250")
        while not gone.wait(0.05):
            link.sendall(b"-")


def flood(link: socket.socket) -> None:
    """Answer without end."""
    with contextlib.suppress(OSError):
        while True:
            link.sendall(b"250-and more\r\n" * 1_000)


class FaultyServer:
    """Takes one connection and answers each step as a server does, but for the steps it was told of.

    `seen` are the steps that it came to; `letters` what it took with a final dot.
    """

    def __init__(self, **acts: Act) -> None:
        self._acts: dict[str, Act] = {**ANSWERS, **acts}
        self.seen: list[str] = []
        self.said: list[bytes] = []
        self.letters: list[bytes] = []
        self._listening = socket.socket()
        # Small, so that a large message does not fit between the two ends.
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(1)
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="faulty-mail-server")

    def __enter__(self) -> FaultyServer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # where nobody has connected
        self._thread.join(30)
        self._listening.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            link, _ = self._listening.accept()
            with link, link.makefile("rb") as lines, contextlib.suppress(OSError, ValueError):
                if self._do("greeting", link):
                    self._converse(link, lines)

    def _converse(self, link: socket.socket, lines: Any) -> None:
        for line in lines:
            self.said.append(line)
            step = line.split()[0].decode().upper()
            if not self._do(step, link) or step == "QUIT":
                return
            if step == "DATA" and not self._take(link, lines):
                return

    def _take(self, link: socket.socket, lines: Any) -> bool:
        letter: list[bytes] = []
        if "body" in self._acts:
            lines.readline()
            return self._do("body", link)
        for line in lines:
            if line == b".\r\n":
                self.letters.append(b"".join(letter))
                return self._do("dot", link)
            letter.append(line)
        return False

    def _do(self, step: str, link: socket.socket) -> bool:
        """Answer a step; say whether the conversation goes on."""
        self.seen.append(step)
        act = self._acts.get(step, b"500 what?\r\n")
        if isinstance(act, bytes):
            link.sendall(act)
            return True
        act(link)
        return False
