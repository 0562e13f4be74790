"""A conversation with a mail server: SMTP (RFC 5321) with TLS, every step within its time. Heavy: see `mail`.

smtplib keeps the lines of the conversation; time, trust and what an answer means are kept here. What
matters most is the final dot of a message: before it the server has nothing, after it only its answer tells.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP as AS_SENT
from email.utils import format_datetime
from typing import Any

from bookwish_desk.hardware.links.tcp import addresses
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.mail import MailSettings, Message, checked, mail_address, message_id
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.text import clean, clean_block
from bookwish_desk.sync.mail import Sent, SentState

CONNECT_SECONDS = 15.0
STEP_SECONDS = 30.0
"""How long one step may take within the deadline. The answer to the final dot may take until the deadline:
who hangs up earlier gets the message sent twice (RFC 5321 4.5.3.2.6)."""

_LEAVE_SECONDS = 2.0
_PIECE = 16_384
_MOST_ANSWER = 65_536
_MOST_TEXT = 1_000_000
_SHORT = 60
"""Characters of a header that need no folding."""

# The name that a client gives. To find its own may take for ever, and it says more than it should.
_OWN_NAME = "[127.0.0.1]"


def hand_over(message: Message, settings: MailSettings, password: Secret, deadline: float) -> Sent:
    """Hand one message to the mail server. See `mail.send`."""
    try:
        settings = checked(settings)
    except Refused as refused:
        return Sent("failed", "settings", refused.message)
    try:
        to, letter = mail_address(message.to), written(message, settings)
    except Refused as refused:
        return Sent("refused", "address", refused.message)
    if settings.user and not password:
        return Sent(
            "failed", "login", "The password of the mail server is not in the keyring of this computer."
        )
    session = _Session(settings, deadline)
    try:
        session.begin(password)
        return session.deliver(settings.sender, to, letter)
    except _Ended as ended:
        return ended.sent
    except ssl.SSLCertVerificationError as error:
        return Sent("failed", "certificate", _distrusted(settings), clean(error.verify_message, 300))
    except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
        if isinstance(error, ssl.SSLEOFError):
            return _silent(session, settings)
        return Sent("failed", "encryption", _unencrypted(settings))
    except (smtplib.SMTPException, OSError, ValueError):
        return _silent(session, settings)
    finally:
        session.leave()


def written(message: Message, settings: MailSettings) -> bytes:
    """Return a message as it is sent: ASCII lines that end with CR LF. The same for each time it is sent.

    Its Date is when it was written, not sent: servers know a second copy by Message-ID and Date together.
    Raises Refused for addresses that are none.
    """
    sender = mail_address(settings.sender)
    head = {
        "From": _mailbox("From", settings.sender_name, sender),
        "To": _mailbox("To", message.to_name, mail_address(message.to)),
        "Subject": _shown("Subject", clean(message.subject, 200)),
        "Date": format_datetime(datetime.fromtimestamp(message.written_at / 1000, UTC)),
        "Message-ID": message_id(message, sender),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers, please
    }
    if settings.reply_to:
        head["Reply-To"] = mail_address(settings.reply_to)
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    letter = EmailMessage(policy=AS_SENT)
    # Quoted-printable passes every server, and keeps lines short and dots and blanks as they are.
    letter.set_content(clean_block(message.text, _MOST_TEXT) + "\n", cte="quoted-printable")
    return lines.encode("ascii") + letter.as_bytes()


def _mailbox(header: str, name: str, address: str) -> str:
    said = clean(name, 100)
    if not said:
        return address
    shown = _shown(header, said)
    return f"{_quoted(said) if shown == said else shown} <{address}>"


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _shown(header: str, text: str) -> str:
    """Return cleaned `text` as it stands in a header: as it is where it is short and plain, else encoded.

    Not by the email package: it folds a long name without its quotes, so that a comma or an @ in it makes
    recipients of its parts, and writes line breaks that look encoded as they are (CVE-2024-6923).
    """
    if text.isascii() and len(text) <= _SHORT and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


class _Ended(Exception):
    """The conversation came to its end before the message was handed over."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(sent.message)
        self.sent = sent


class _Session(smtplib.SMTP):
    """One connection, from greeting to farewell."""

    def __init__(self, settings: MailSettings, deadline: float) -> None:
        super().__init__(local_hostname=_OWN_NAME)
        self._host = settings.host  # what the certificate after STARTTLS must be for
        self._settings = settings
        self._deadline = deadline
        self._until = deadline
        self.greeted = False

    def begin(self, password: Secret) -> None:
        """Connect, encrypt and log in as the settings say."""
        self._expect("greeting", *self.connect(self._settings.host, self._settings.port), wanted=220)
        self.greeted = True
        if self._settings.security == "starttls":
            try:
                self.starttls(context=_trust())
            except smtplib.SMTPResponseException as error:
                # Whatever it said, it did not begin: nothing goes on in the open.
                answer = _words(error.smtp_code, error.smtp_error)
                raise _Ended(_turned_down("encryption", error.smtp_code, answer)) from None
        self.ehlo_or_helo_if_needed()
        if self._settings.user:
            self._log_in(self._settings.user, password.reveal())

    def deliver(self, sender: str, to: str, letter: bytes) -> Sent:
        """Hand over one message; the server's answer to its final dot decides."""
        self._expect("sender", *self.mail(sender))
        self._expect("recipient", *self.rcpt(to))
        self._expect("content", *self.docmd("DATA"), wanted=354)
        self.send(re.sub(rb"(?m)^\.", b"..", letter))
        self.send(b".\r\n")
        try:
            code, answer = self._answer(self._deadline)
        except (smtplib.SMTPException, OSError):
            code, answer = 0, b""
        if 200 <= code < 300:
            return Sent("sent", answer=_words(code, answer))
        if not 400 <= code < 600:
            return Sent("uncertain", "lost", _UNCERTAIN)
        return _turned_down("content", code, _words(code, answer))

    def leave(self) -> None:
        """Say goodbye and close; whatever happens then changes nothing."""
        if self.sock is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self.putcmd("QUIT")
                self._answer(min(self._deadline, time.monotonic() + _LEAVE_SECONDS))
        self.close()

    def send(self, s: Any) -> None:
        """Send, each piece within its time: a socket by itself counts it anew for each."""
        data = s.encode("ascii") if isinstance(s, str) else bytes(s)
        for start in range(0, len(data), _PIECE):
            if self.sock is not None:
                self.sock.settimeout(max(0.001, self._step() - time.monotonic()))
            super().send(data[start : start + _PIECE])

    def getreply(self) -> tuple[int, bytes]:
        """Return the next answer; it comes in time as a whole, however it drips."""
        return self._answer(self._step())

    def _answer(self, until: float) -> tuple[int, bytes]:
        self._until = until
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock, self._left)
        if isinstance(self.file, _Lines):
            self.file.allowed = _MOST_ANSWER
        return super().getreply()

    def _step(self) -> float:
        return min(self._deadline, time.monotonic() + STEP_SECONDS)

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _get_socket(self, host: str, port: int, _timeout: float | None) -> socket.socket:
        """Connect to the first of the host's addresses that answers."""
        until = min(self._deadline, time.monotonic() + CONNECT_SECONDS)
        fault: OSError = TimeoutError()
        for family, address in addresses(host, port, until):
            if self._settings.security == "none" and not ipaddress.ip_address(address[0]).is_loopback:
                continue
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(max(0.001, until - time.monotonic()))
                sock.connect(address)
                return self._encrypted(sock)
            except ssl.SSLError:
                sock.close()
                raise
            except OSError as error:
                sock.close()
                fault = error
        raise fault

    def _encrypted(self, sock: socket.socket) -> socket.socket:
        if self._settings.security != "tls":
            return sock
        return _trust().wrap_socket(sock, server_hostname=self._settings.host)

    def _log_in(self, user: str, password: str) -> None:
        """Log in the one way that fits: a second try with a wrong password may lock the account.

        smtplib's own way tries them all, and has no password with other letters than English ones.
        """
        ways = self.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in ways:
            code, answer = self.docmd("AUTH", f"PLAIN {_coded(f'{chr(0)}{user}{chr(0)}{password}')}")
        elif "LOGIN" in ways:
            code, answer = self.docmd("AUTH", "LOGIN")
            for text in (user, password):
                if code == 334:
                    code, answer = self.docmd(_coded(text))
        else:
            raise _Ended(Sent("failed", "login", _NO_LOGIN))
        words = _words(code, answer)
        told = any(x in words for x in (password, _coded(password), _coded(f"\0{user}\0{password}")))
        self._expect("login", code, b"" if told else answer, wanted=235)

    def _expect(self, step: str, code: int, answer: bytes | str, wanted: int = 0) -> None:
        if code != wanted if wanted else not 200 <= code < 300:
            raise _Ended(_turned_down(step, code, _words(code, answer)))


class _Lines:
    """What a server answers, line by line, as smtplib reads it; `left` is the time that is left for it."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock = sock
        self._left = left
        self._kept = b""
        self.allowed = _MOST_ANSWER

    def readline(self, limit: int) -> bytes:
        """Return a whole line, at most `limit` bytes of it; nothing where the connection has ended."""
        while b"\n" not in self._kept and len(self._kept) < limit:
            self._sock.settimeout(self._left())
            part = self._sock.recv(4096)
            if not part:
                return b""
            self.allowed -= len(part)
            if self.allowed < 0:
                raise OSError("The answer has no end.")
            self._kept += part
        end = self._kept.find(b"\n") + 1 or limit
        line, self._kept = self._kept[:end], self._kept[end:]
        return line

    def close(self) -> None:
        """Forget what was not read."""
        self._kept = b""


def _trust() -> ssl.SSLContext:
    """Return what certificates are held to: signed by whom this computer trusts, and for the right name."""
    return ssl.create_default_context()


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _words(code: int, answer: bytes | str) -> str:
    said = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
    return clean(f"{code} {said}", 300) if code > 0 else clean(said, 300)


# ---- how it ended, in words ----

_UNCERTAIN = (
    "The connection ended after the whole message was sent and before the mail server answered."
    " It may have been sent. Look whether it arrived before you send it again."
)
_NO_LOGIN = "The mail server offers no way to log in that is known here. Check the port and the encryption."
_LATER = "The mail server cannot take the message now. It is tried again later."

_TURNED_DOWN = {
    "recipient": "The mail server does not take messages for this address. Check how it is spelt.",
    "content": "The mail server does not take this message.",
    "sender": "The mail server does not let the shop write from its address. Check it in the settings.",
    "login": "The mail server does not accept the user name and the password. Check both in the settings.",
    "encryption": "The mail server does not start encryption. Check the port in the settings.",
}


def _turned_down(step: str, code: int, answer: str) -> Sent:
    """Return how it ends when a step is answered with no: for good (5xx), or for now (RFC 5321 4.2.1).

    What the recipient or the content brings ends the one message; what the settings bring ends none. Too many
    messages for one day are said as if for good (5.4.5 of RFC 3463, congestion), and tomorrow they pass.
    """
    if not 500 <= code < 600 or step not in _TURNED_DOWN or answer[3:].startswith(" 5.4.5"):
        return Sent("failed", "later", _LATER, answer)
    state: SentState = "refused" if step in ("recipient", "content") else "failed"
    return Sent(state, step, _TURNED_DOWN[step], answer)


def _silent(session: _Session, settings: MailSettings) -> Sent:
    if session.greeted:
        return Sent(
            "failed", "lost", f"The connection to the mail server {settings.host} broke. Nothing was sent."
        )
    return Sent(
        "failed",
        "unreachable",
        f"The mail server {settings.host} does not answer on port {settings.port}."
        " Check the network, and the port and the encryption in the settings.",
    )


def _distrusted(settings: MailSettings) -> str:
    return (
        f"The mail server {settings.host} cannot prove that it is the one. Nothing was sent."
        " Check its name in the settings and the date of this computer."
    )


def _unencrypted(settings: MailSettings) -> str:
    where = f"The mail server {settings.host} offers no such encryption on port {settings.port}"
    return f"{where}. Nothing was sent."
