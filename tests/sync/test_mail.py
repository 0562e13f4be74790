"""One message to a mail server: how it ends, whatever the server does, and what the message is made of."""

import email
import email.policy
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.mail import MailSettings, Message, checked, mail_address
from bookwish_desk.shop.notices import NoticeFacts, default, render
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.text import clean
from bookwish_desk.sync import smtp
from bookwish_desk.sync.mail import Sent, send
from bookwish_desk.sync.smtp import written
from tests.sync.mail_servers import Authority, FaultyServer, Inbox, drip, drop, flood, hang, real_server

MESSAGE = Message("0193-ab", "anna@example.com", "Your order", "Hello\n.\n..two\nend", 1_795_338_120_000)
PASSWORD = Secret("pässword")
NO_PASSWORD = Secret("")


def here(port: int, **more: object) -> MailSettings:
    settings = MailSettings(host="127.0.0.1", port=port, security="none", sender="shop@example.com")
    return msgspec.structs.replace(settings, **more)


def sent(port: int, message: Message = MESSAGE, seconds: float = 60, **more: object) -> Sent:
    settings = here(port, **more)
    return send(message, settings, PASSWORD if settings.user else NO_PASSWORD, time.monotonic() + seconds)


def read(letter: object) -> Any:
    assert isinstance(letter, bytes)
    return email.message_from_bytes(letter, policy=email.policy.default)


# ---- to a real server ----


@pytest.mark.capability("IC-27", "WSM-17")
def test_a_notice_arrives_as_it_was_written() -> None:
    shop = Letterhead("Büchner & Söhne", contact="shop@example.com")
    notice = render(default("ready"), NoticeFacts(shop, number="BW-1", customer="Zoë"))
    message = Message(
        "0193-ab", "zoe@example.com", notice.subject, notice.text, 1_795_338_120_000, "Zoë, the 1st"
    )
    inbox = Inbox()
    with real_server(inbox) as port:
        ended = sent(port, message, sender_name="Büchner & Söhne", reply_to="desk@bücher.example")
        assert ended == Sent("sent", answer="250 2.0.0 queued as 4711")
    (envelope,) = inbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("shop@example.com", ["zoe@example.com"])
    assert (envelope.original_content or b"\xff").isascii()
    got = read(envelope.content)
    assert got["From"].addresses[0].display_name == "Büchner & Söhne"
    assert got["From"].addresses[0].addr_spec == "shop@example.com"
    assert [(x.display_name, x.addr_spec) for x in got["To"].addresses] == [
        ("Zoë, the 1st", "zoe@example.com")
    ]
    assert got["Reply-To"].addresses[0].addr_spec == "desk@xn--bcher-kva.example"
    assert got["Subject"] == "Your order BW-1 is ready to collect"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Message-ID"] == "<0193-ab@example.com>"
    assert got["Date"].datetime.timestamp() == 1_795_338_120
    assert got.get_content_type() == "text/plain"
    assert got.get_content().replace("\r\n", "\n") == notice.text + "\n"


def test_a_text_of_dots_arrives_whole() -> None:
    inbox = Inbox()
    with real_server(inbox) as port:
        assert sent(port).state == "sent"
    assert read(inbox.taken[0].content).get_content().replace("\r\n", "\n") == MESSAGE.text + "\n"


def test_a_second_copy_can_be_told_from_the_first_by_nothing() -> None:
    inbox = Inbox()
    with real_server(inbox) as port:
        assert [sent(port).state for _ in range(2)] == ["sent", "sent"]
    first, second = inbox.taken
    assert first.content == second.content


@pytest.mark.parametrize(
    ("answers", "state", "fault", "waits"),
    [
        ({"recipient": "550 5.1.1 no such user here"}, "refused", "recipient", False),
        ({"recipient": "450 4.2.0 greylisted, come back"}, "failed", "later", False),
        ({"sender": "550 5.7.1 not your address"}, "failed", "sender", True),
        ({"sender": "421 4.3.2 closing"}, "failed", "later", False),
        ({"content": "554 5.7.1 that is spam"}, "refused", "content", False),
        ({"content": "452 4.3.1 the disk is full"}, "failed", "later", False),
        ({"content": "550 5.4.5 that was enough for today"}, "failed", "later", False),
        ({"sender": "550 5.4.5 that was enough for today"}, "failed", "later", False),
    ],
)
def test_a_server_that_says_no_is_quoted(
    answers: dict[str, str], state: str, fault: str, waits: bool
) -> None:
    inbox = Inbox(**answers)
    with real_server(inbox) as port:
        ended = sent(port)
    assert (ended.state, ended.fault, ended.needs_setup) == (state, fault, waits)
    assert ended.answer == next(iter(answers.values()))
    assert ended.message.endswith(".")
    assert inbox.taken == []


# ---- encryption and login ----


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Give an authority that this computer trusts for the time of a test."""
    if sys.platform != "linux":  # There the keychain brings it, so there its absence is a failure.
        pytest.importorskip("cryptography", reason="nothing here makes certificates")
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return made


def test_a_message_goes_out_encrypted_after_a_login(authority: Authority) -> None:
    inbox = Inbox()
    how = {"require_starttls": True, "auth_required": True, "authenticator": inbox.login}
    with real_server(inbox, tls_context=authority.server("localhost"), **how) as port:
        ended = sent(port, host="localhost", security="starttls", user="shöp")
    assert ended.state == "sent"
    assert inbox.logins == [("shöp".encode(), "pässword".encode())]
    assert len(inbox.taken) == 1


def test_a_message_goes_out_through_tls_from_the_start(authority: Authority) -> None:
    inbox = Inbox()
    with real_server(inbox, ssl_context=authority.server("localhost")) as port:
        assert sent(port, host="localhost", security="tls").state == "sent"


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["name", "date", "authority"])
def test_nothing_is_said_to_a_server_that_cannot_prove_who_it_is(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, security: str, wrong: str
) -> None:
    context = authority.server(
        "mail.example.com" if wrong == "name" else "localhost", -1 if wrong == "date" else 30
    )
    if wrong == "authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file.with_name("nobody.pem")))
    inbox = Inbox()
    how = {"tls_context": context} if security == "starttls" else {"ssl_context": context}
    with real_server(inbox, authenticator=inbox.login, auth_require_tls=False, **how) as port:
        ended = sent(port, host="localhost", security=security, user="shop")
    assert (ended.state, ended.fault, ended.needs_setup) == ("failed", "certificate", True)
    assert ended.answer
    assert (inbox.taken, inbox.logins) == ([], [])


def test_nothing_is_said_to_a_server_without_encryption() -> None:
    inbox = Inbox()
    with real_server(inbox, authenticator=inbox.login, auth_require_tls=False) as port:
        for security in ("starttls", "tls"):
            ended = sent(port, security=security, user="shop", seconds=60)
            assert (ended.state, ended.fault, ended.needs_setup) == ("failed", "encryption", True)
    assert (inbox.taken, inbox.logins) == ([], [])


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"454 not now\r\n", "later"),
        (b"501 never\r\n", "encryption"),
        (b"250 why not without\r\n", "later"),
        (b"nonsense\r\n", "later"),
        (b"", "lost"),
    ],
)
def test_encryption_that_is_offered_and_not_begun(answer: bytes, fault: str) -> None:
    offer = b"250-mail.example.com\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"
    with FaultyServer(EHLO=offer, STARTTLS=answer or drop) as server:
        ended = sent(server.port, security="starttls", user="shop")
    assert (ended.state, ended.fault) == ("failed", fault)
    assert {"AUTH", "MAIL"}.isdisjoint(server.seen)


def test_a_wrong_password_is_tried_once_and_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = b"535 wrong: " + smtp._coded("\0shop\0pässword").encode() + b"\r\n"
    with FaultyServer(AUTH=echo) as server:
        ended = sent(server.port, user="shop")
    assert (ended.state, ended.fault, ended.needs_setup) == ("failed", "login", True)
    assert ended.answer == "535"
    assert server.seen.count("AUTH") == 1
    told = repr(ended) + caplog.text
    assert smtp._coded("\0shop\0pässword") not in told
    assert "pässword" not in told


def test_a_login_in_steps_and_one_that_nobody_knows() -> None:
    inbox = Inbox()
    how = {"authenticator": inbox.login, "auth_require_tls": False, "auth_exclude_mechanism": ["PLAIN"]}
    with real_server(inbox, **how) as port:
        assert sent(port, user="shop").state == "sent"
    assert inbox.logins == [(b"shop", "pässword".encode())]
    with FaultyServer(EHLO=b"250-mail.example.com\r\n250 AUTH XOAUTH2\r\n") as server:
        ended = sent(server.port, user="shop")
    assert (ended.state, ended.fault) == ("failed", "login")
    with FaultyServer(AUTH=b"454 4.7.0 try again\r\n") as server:
        ended = sent(server.port, user="shop")
    assert (ended.state, ended.fault) == ("failed", "later")


def test_without_the_password_nobody_is_asked() -> None:
    ended = send(MESSAGE, here(9, user="shop"), NO_PASSWORD, time.monotonic() + 60)
    assert (ended.state, ended.fault) == ("failed", "login")


# ---- servers that hang, break off and babble ----

BEFORE = ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA")


@pytest.mark.parametrize("act", [hang, drop, drip, flood])
@pytest.mark.parametrize("step", BEFORE)
def test_what_ends_before_the_message_may_be_sent_again(
    step: str, act: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "STEP_SECONDS", 0.3)
    with FaultyServer(**{step: act}) as server:
        ended = sent(server.port, user="shop")
    assert ended.state == "failed"
    assert ended.fault == ("unreachable" if step == "greeting" else "lost")
    assert not ended.needs_setup
    assert server.letters == []


def test_a_deadline_ends_what_a_step_would_still_wait_for() -> None:
    with FaultyServer(greeting=hang) as server:
        assert sent(server.port, seconds=0.2).state == "failed"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the message be larger than what fits between the two ends, so that its dot waits at ours."""
    monkeypatch.setattr(smtp, "written", lambda *_: b"A line of the message.\r\n" * 1_000_000)


@pytest.mark.usefixtures("large")
def test_a_message_broken_off_before_its_final_dot_may_be_sent_again() -> None:
    with FaultyServer(body=drop) as server:
        ended = sent(server.port)
    assert (ended.state, ended.fault) == ("failed", "lost")


@pytest.mark.usefixtures("large")
def test_a_message_that_is_not_read_to_its_end_may_be_sent_again() -> None:
    let_go = threading.Event()

    def read_nothing(_link: socket.socket) -> None:
        let_go.wait(30)

    with FaultyServer(body=read_nothing) as server:
        ended = sent(server.port, seconds=1)
        let_go.set()
    assert (ended.state, ended.fault) == ("failed", "lost")


@pytest.mark.parametrize("act", [hang, drop, drip, flood, b"nonsense\r\n", b"354 more?\r\n"])
def test_a_message_without_an_answer_to_its_dot_is_uncertain(
    act: bytes | Callable[[socket.socket], None],
) -> None:
    with FaultyServer(dot=act) as server:
        ended = sent(server.port, seconds=3 if act in (hang, drip) else 60)
    assert (ended.state, ended.fault) == ("uncertain", "lost")
    assert "It may have been sent." in ended.message
    assert len(server.letters) == 1


def test_the_answer_to_the_dot_is_waited_for_longer_than_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "STEP_SECONDS", 1.0)

    def late(link: socket.socket) -> None:
        threading.Event().wait(1.3)
        link.sendall(b"250 at last\r\n")

    with FaultyServer(dot=late) as server:
        assert sent(server.port) == Sent("sent", answer="250 at last")


def test_a_farewell_that_fails_changes_nothing() -> None:
    for act in (drop, b"500 stay\r\n"):
        with FaultyServer(QUIT=act) as server:
            assert sent(server.port).state == "sent"
        assert server.seen[-1] == "QUIT"


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        ended = sent(nobody.getsockname()[1])
    assert (ended.state, ended.fault) == ("failed", "unreachable")


def test_a_greeting_that_is_none() -> None:
    with FaultyServer(greeting=b"554 no service\r\n") as server:
        ended = sent(server.port)
    assert (ended.state, ended.fault, ended.answer) == ("failed", "later", "554 no service")


def test_a_name_that_only_claims_to_be_this_computer_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = [(socket.AF_INET, ("192.0.2.1", 25))]
    monkeypatch.setattr(smtp, "addresses", lambda *_: iter(elsewhere))
    ended = sent(25, host="localhost")
    assert (ended.state, ended.fault) == ("failed", "unreachable")


# ---- settings and addresses ----


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "mail example.com"}, "host"),
        ({"host": "-a.example.com"}, "host"),
        ({"host": "x\r\nRSET"}, "host"),
        ({"port": 0}, "port"),
        ({"port": 65_536}, "port"),
        ({"security": "none"}, "security"),
        ({"security": "none", "host": "10.0.0.1"}, "security"),
        ({"user": "a\r\nb"}, "user"),
        ({"sender": "shop"}, "sender"),
        ({"reply_to": "a@example.com, b@example.com"}, "reply_to"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_their_field(given: dict[str, object], field: str) -> None:
    good = MailSettings(host="mail.example.com", sender="shop@example.com")
    assert checked(good) == good
    bad = msgspec.structs.replace(good, **given)
    with pytest.raises(Refused) as refused:
        checked(bad)
    assert refused.value.facts == {"field": field}
    ended = send(MESSAGE, bad, NO_PASSWORD, time.monotonic() + 60)
    assert (ended.state, ended.fault, ended.message) == ("failed", "settings", refused.value.message)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("anna@example.com\u2028", "anna@example.com"),
        (" Anna.Reader+books@Example.COM ", "Anna.Reader+books@example.com"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"),
    ],
)
def test_addresses_are_kept_as_servers_take_them(typed: str, address: str) -> None:
    assert mail_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        *("", "anna", "@example.com", "anna@", "anna@localhost", "anna@@example.com", "a b@example.com"),
        *(
            "anna@example.com\r\nBcc: x@example.com",
            "anna@example.com, ben@example.com",
            "<anna@example.com>",
        ),
        *("Anna <anna@example.com>", "anna@exa mple.com", "anna@.com", "anna@a..com", ".a@example.com"),
        *("a..b@example.com", '"a b"@example.com', "anna@[127.0.0.1]", "anna@127.0.0.1", "änna@example.com"),
        *("anna@straße.example", "anna@ex\u200bample.com", "anna@-a.com"),
        *(
            "a" * 65 + "@example.com",
            "a@" + "b" * 64 + ".com",
            "a@" + "b." * 127 + "com",
            "anna@example.com\0",
        ),
        "-oX@example.com>",
    ],
)
def test_what_is_no_address_of_one_person_is_refused_and_not_sent(typed: str) -> None:
    with pytest.raises(Refused):
        mail_address(typed)
    ended = send(msgspec.structs.replace(MESSAGE, to=typed), here(9), NO_PASSWORD, time.monotonic() + 60)
    assert (ended.state, ended.fault) == ("refused", "address")


# ---- no header but ours ----

ANYTHING = st.text(st.characters(codec=None), max_size=300)
OURS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
CONTENT = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]


@given(subject=ANYTHING, name=ANYTHING, shop=ANYTHING, text=ANYTHING)
@example("x\r\nBcc: y@example.com", "a\nB: c", "d\rE: f", "\r\n.\r\nMAIL FROM:<x>\r\n")
@example("é" * 300, "é, " * 90 + "\r\nBcc: x", 'é"<x@example.com>, ' * 20, "x" * 5_000)
@example("=?utf-8?q?x=0D=0ABcc:_y?=", "=?utf-8?b?DQpCY2M6IHg=?=", "=?utf-8?q?=22?=", "=\n=0D=0A")
def test_whatever_is_written_is_in_its_place_and_makes_no_header(
    subject: str, name: str, shop: str, text: str
) -> None:
    message = Message("0193-ab", "anna@example.com", subject, text, 1, name)
    letter = written(message, here(25, sender_name=shop, reply_to="desk@example.com"))
    assert letter.isascii()

    lines = letter.split(b"\r\n")
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    assert max(map(len, lines)) <= 998
    got = read(letter)
    assert sorted(got.keys()) == sorted(OURS + CONTENT)
    assert [x.addr_spec for x in got["To"].addresses] == ["anna@example.com"]
    assert [x.addr_spec for x in got["From"].addresses] == ["shop@example.com"]
    assert not got.is_multipart()


@given(subject=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=150))
def test_subjects_arrive_as_they_were(subject: str) -> None:
    letter = written(msgspec.structs.replace(MESSAGE, subject=subject), here(25))
    assert str(read(letter)["Subject"]) == clean(subject)


@pytest.mark.parametrize(
    "name",
    [
        "Anna Reader, Head of the very Long Acquisitions Department of the Library, other@bank.example",
        "A Shop of Used and New Books at the Falls <other@bank.example>, Springfield, Ltd. (est. 1899)",
        "é" * 30 + ", <other@bank.example>, " + "b" * 40,
        '"Anna" \\ Reader, PhD',
        "=?utf-8?q?x=2C?= other@bank.example",
    ],
)
def test_nothing_in_a_name_becomes_an_address(name: str) -> None:
    message = msgspec.structs.replace(MESSAGE, to_name=name)
    got = read(written(message, here(25, sender_name=name)))
    for header, address in (("To", "anna@example.com"), ("From", "shop@example.com")):
        (only,) = got[header].addresses
        # Python reads a blank between the parts of a long name; nobody else does (RFC 2047 6.2).
        shown = only.display_name.replace(" ", "")
        assert (only.addr_spec, shown) == (address, name[:100].replace(" ", ""))


def test_a_message_is_known_by_its_row_only() -> None:
    for bad in ("", "a b", "a>\r\nX: y", "<x>", "x" * 200):
        with pytest.raises(Refused):
            written(msgspec.structs.replace(MESSAGE, id=bad), here(25))
    long = here(25, sender="shop@" + "b" * 60 + "." + "c" * 60 + ".example")
    letter = written(msgspec.structs.replace(MESSAGE, id="0193c5a0-7f6e-7abc-8def-0123456789ab"), long)
    assert read(letter)["Message-ID"] == f"<0193c5a0-7f6e-7abc-8def-0123456789ab@{long.sender[5:]}>"


def test_nothing_heavy_is_imported_before_the_first_message() -> None:
    program = (
        "import sys, bookwish_desk.sync.mail; sys.exit(bool({'smtplib', 'ssl', 'email'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
