"""Mail as values: how the shop sends it, one message, and which addresses are fit to be written to.

No connection is made here. The password of the mail server is in no value: it stays in the keyring.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Literal

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean

Security = Literal["starttls", "tls", "none"]

USUAL_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}

# RFC 5322 dot-atom and RFC 5321 4.5.3.1; quoted names are legal and nobody's.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


class MailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the shop sends mail. See `checked`.

    `security` none is for a mail server on this computer only. An empty `user` logs in nowhere. `reply_to`
    is empty where answers go to the sender.
    """

    host: str = ""
    port: int = 587
    security: Security = "starttls"
    user: str = ""
    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""


class Message(msgspec.Struct, frozen=True):
    """One message to one person. `id` is that of its row in the outbox; `written_at` ms UTC."""

    id: str
    to: str
    subject: str
    text: str
    written_at: int
    to_name: str = ""


def checked(settings: MailSettings) -> MailSettings:
    """Return settings of mail as they are kept; raises Refused with `field` among its facts."""
    host = _host(settings.host.strip(), "host")
    if not 1 <= settings.port <= 65_535:
        raise _refused("port", "The port is a number up to 65535; most mail servers have 587 or 465.")
    if settings.security == "none" and not is_here(host):
        raise _refused("security", "Without encryption mail is only handed to a server on this computer.")
    user = settings.user.strip()
    if user != clean(user):
        raise _refused("user", "The user name holds something that cannot be typed.")
    return MailSettings(
        host=host,
        port=settings.port,
        security=settings.security,
        user=user,
        sender=mail_address(settings.sender, "sender"),
        sender_name=clean(settings.sender_name, 100),
        reply_to=mail_address(settings.reply_to, "reply_to") if settings.reply_to.strip() else "",
    )


def mail_address(typed: str, field: str = "email") -> str:
    """Return one mail address as mail servers take it: a domain of other letters as its xn-- form.

    Raises Refused for anything else: several addresses, a name with it, letters before the @ that few
    servers take, a domain that another would be read as.
    """
    local, at, domain = typed.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > 64 or "." not in domain:
        raise _refused(field, "Type one e-mail address, as in anna@example.com.")
    address = f"{local}@{_host(domain, field)}"
    if len(address) > 254 or domain.replace(".", "").isdecimal():
        raise _refused(field, "Type one e-mail address, as in anna@example.com.")
    return address


def message_id(message: Message, sender: str) -> str:
    """Return the Message-ID: the same for each time that the same row of the outbox is sent."""
    if not _ID.fullmatch(message.id):
        raise Refused("mail.id", "This message has no number that can be sent with it.")
    return f"<{message.id}@{sender.rpartition('@')[2]}>"


def is_here(host: str) -> bool:
    """Say whether a host is this computer itself, by what it is called."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(typed: str, field: str) -> str:
    """Return a name of a computer in the letters of the DNS, or a plain IP address."""
    if field == "host":
        try:
            return str(ipaddress.ip_address(typed))
        except ValueError:
            pass
    name = typed.lower()
    if not name.isascii():
        name = _in_ascii(name, field)
    if not _HOST.fullmatch(name):
        what = "name of the mail server" if field == "host" else "domain of the address"
        raise _refused(field, f"The {what} is not one. Check how it is spelt.")
    return name


def _in_ascii(name: str, field: str) -> str:
    """Return the xn-- form of a domain, but of none that the older rules of IDNA read as another's.

    By those of 2003, which Python has, straße.de is strasse.de, and that may belong to someone else.
    """
    try:
        found = name.encode("idna")
        if found.decode("idna") == name:
            return found.decode("ascii")
    except UnicodeError:
        pass
    raise _refused(field, "This domain has letters that can be read in two ways. Type it as xn-- and so on.")


def _refused(field: str, sentence: str) -> Refused:
    return Refused(f"mail.{field}", sentence, field=field)
