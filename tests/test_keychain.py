"""Secrets go through a trusted keyring or not at all, and a keyring that stays silent is given up on."""

import os
import shlex
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk import keychain
from bookwish_desk.keychain import (
    Keychain,
    Keys,
    Mark,
    keep_mail_password,
    keys_of,
    mail_password,
    read_mark,
    write_mark,
)
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.secret import Secret
from tests.support.keyrings import FakeKeyring

ROOT = Path(__file__).resolve().parent.parent


def test_a_secret_is_kept_for_its_shop_and_name() -> None:
    chain = Keychain(FakeKeyring())
    assert chain.read("shop", "pepper") is None
    chain.store("shop", "pepper", b"\x00\xff")
    assert chain.read("shop", "pepper") == b"\x00\xff"
    assert chain.read("shop", "journal key") is None
    assert chain.read("other", "pepper") is None
    chain.delete("shop", "pepper")
    chain.delete("shop", "pepper")
    assert chain.read("shop", "pepper") is None


def test_the_mail_password_goes_to_its_own_server_only() -> None:
    chain = Keychain(FakeKeyring())
    server = MailSettings("smtp.example.com", user="desk")
    assert not mail_password(chain, "shop", server)
    keep_mail_password(chain, "shop", server, Secret("pass\nwörd"))
    assert mail_password(chain, "shop", server) == Secret("pass\nwörd")
    assert mail_password(chain, "shop", replace(server, port=465, security="tls")).reveal() == "pass\nwörd"
    for other in (replace(server, host="smtp.example.org"), replace(server, user="another")):
        assert not mail_password(chain, "shop", other)
    assert not mail_password(chain, "other", server)
    keep_mail_password(chain, "shop", server, Secret(""))
    assert chain.read("shop", "mail password") is None


def test_a_secret_is_made_once() -> None:
    chain = Keychain(FakeKeyring())
    made = chain.made("shop", "journal key")
    assert len(made) == 32
    assert chain.made("shop", "journal key") == made


def test_a_keyring_that_forgets_is_noticed() -> None:
    ring = FakeKeyring()
    ring.set_password = lambda *_words: None  # type: ignore[method-assign]
    with pytest.raises(StorageError, match="did not keep the pepper"):
        Keychain(ring).store("shop", "pepper", b"x")


def test_what_is_no_key_is_called_damaged() -> None:
    ring = FakeKeyring()
    ring.kept["bookwish-desk", "shop pepper"] = "not hexadecimal"
    with pytest.raises(StorageError, match="damaged"):
        Keychain(ring).read("shop", "pepper")


def test_a_keyring_that_waits_for_its_password_is_given_up_on() -> None:
    ring, free = FakeKeyring(), threading.Event()
    ring.get_password = lambda *_words: str(free.wait(30))  # type: ignore[method-assign]
    with pytest.raises(StorageError, match="did not answer"):
        Keychain(ring, seconds=0.05).read("shop", "pepper")
    free.set()


def test_a_fault_of_the_keyring_is_said_in_words() -> None:
    from keyring.errors import KeyringLocked

    ring = FakeKeyring(fault=KeyringLocked("collection /org/x"))
    with pytest.raises(StorageError) as told:
        Keychain(ring).read("shop", "pepper")
    assert told.value.message == "The keyring cannot be used. Unlock it, then try again."
    assert told.value.facts == {"fault": "KeyringLocked"}


def _untrusted() -> list[Any]:
    from keyring.backends import chainer, fail, null

    class PlaintextKeyring(FakeKeyring):
        """What keyrings.alt would put in."""

    PlaintextKeyring.__module__ = "keyrings.alt.file"
    return [fail.Keyring(), null.Keyring(), chainer.ChainerBackend(), PlaintextKeyring(), FakeKeyring()]


@pytest.mark.parametrize("place", range(5))
def test_a_keyring_that_is_not_on_the_list_is_refused(place: int) -> None:
    with pytest.raises(StorageError) as told:
        keychain.open_keychain(backend=_untrusted()[place])
    assert told.value.code == "no_keyring"


def test_every_name_on_the_list_is_a_keyring_that_exists() -> None:
    from importlib.util import find_spec

    for name in keychain.ALLOWED:
        assert find_spec(name.rpartition(".")[0]) is not None, name


def test_the_environment_cannot_choose_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(StorageError):
        keychain.open_keychain()


# ---- which keys belong to a folder ----


def opened(ring: FakeKeyring) -> Callable[[], Keychain]:
    return lambda: Keychain(ring)


@pytest.fixture
def ring() -> Iterator[FakeKeyring]:
    made = FakeKeyring()
    chain = Keychain(made)
    chain.store("shop", "database key", b"d" * 32)
    chain.store("shop", "journal key", b"j" * 32)
    chain.store("shop", "pepper", b"p" * 32)
    yield made


def test_a_folder_names_its_shop_and_no_secret(tmp_path: Path) -> None:
    assert read_mark(tmp_path) is None
    write_mark(tmp_path, Mark("shop", encrypted=True))
    assert read_mark(tmp_path) == Mark("shop", encrypted=True)
    assert (tmp_path / "shop.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "shop.json").write_text("{torn")
    assert read_mark(tmp_path) is None


def test_the_keys_of_an_encrypted_shop(tmp_path: Path, ring: FakeKeyring) -> None:
    write_mark(tmp_path, Mark("shop", encrypted=True))
    keys = keys_of(tmp_path, opened(ring))
    assert keys == Keys((b"d" * 32).hex(), b"j" * 32, b"p" * 32)
    assert "64" not in repr(keys)
    assert repr(keys) == "Keys(hidden)"


def test_the_key_of_books_that_are_not_encrypted_is_not_asked_for(tmp_path: Path, ring: FakeKeyring) -> None:
    write_mark(tmp_path, Mark("shop"))
    assert keys_of(tmp_path, opened(ring)) == Keys(None, b"j" * 32, b"p" * 32)


def test_a_shop_without_keys_asks_no_keyring(tmp_path: Path) -> None:
    def asked() -> Keychain:
        raise AssertionError("the keyring was asked")

    assert keys_of(tmp_path, asked) == Keys()
    write_mark(tmp_path, Mark("shop", keyring=False))
    assert keys_of(tmp_path, asked) == Keys()


def test_without_its_keyring_only_an_encrypted_shop_stays_shut(tmp_path: Path) -> None:
    from keyring.errors import InitError

    silent = FakeKeyring(fault=InitError("locked"))
    write_mark(tmp_path, Mark("shop"))
    assert keys_of(tmp_path, opened(silent)) == Keys()
    write_mark(tmp_path, Mark("shop", encrypted=True))
    with pytest.raises(StorageError, match="cannot be used"):
        keys_of(tmp_path, opened(silent))
    with pytest.raises(StorageError, match="printed recovery key"):
        keys_of(tmp_path, opened(FakeKeyring()))


# ---- a real keyring ----


def in_session(home: Path, program: str, steps: str) -> list[str]:
    """Run `program` once for each step, one after the other, in a session with an unlocked keyring."""
    if not all(map(shutil.which, ("dbus-run-session", "dbus-send", "gnome-keyring-daemon"))):
        pytest.skip("dbus or gnome-keyring is not installed")
    script = home / "program.py"
    script.write_text(textwrap.dedent(program))
    # Only once the unlocked daemon owns its name is it asked: D-Bus would start a locked one.
    session = f"""
        set -e
        printf pw | gnome-keyring-daemon --unlock --components=secrets --foreground >daemon.log 2>&1 &
        tries=0
        owned="dbus-send --session --print-reply --dest=org.freedesktop.DBus /"
        owned="$owned org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets"
        until $owned 2>/dev/null | grep -q true; do
            tries=$((tries + 1)); [ $tries -lt 200 ] || exit 9; sleep 0.05
        done
        for step in {steps}; do {shlex.quote(sys.executable)} {shlex.quote(str(script))} $step; done
    """
    for folder in ("config", "data", "cache", "state"):
        (home / folder).mkdir(exist_ok=True)
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "PYTHON_KEYRING_BACKEND")}
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", session],
        env={**env, "PYTHONPATH": str(ROOT)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_a_real_keyring_keeps_secrets_between_programs(own_home: Path) -> None:
    program = """
        import sys
        from bookwish_desk.keychain import open_keychain
        chain = open_keychain(30)
        if sys.argv[1] == "keep":
            chain.store("shop", "database key", bytes(range(32)))
        elif sys.argv[1] == "read":
            assert chain.read("shop", "database key") == bytes(range(32))
            chain.delete("shop", "database key")
        else:
            assert chain.read("shop", "database key") is None
        print(sys.argv[1])
    """
    assert in_session(own_home, program, "keep read gone") == ["keep", "read", "gone"]


@pytest.mark.slow
def test_an_encrypted_shop_opens_by_the_keyring_and_by_the_paper(own_home: Path) -> None:
    program = """
        import sys
        from pathlib import Path
        from bookwish_desk.actions.setting_up import SetupPlan, set_up
        from bookwish_desk.db.store import open_store
        from bookwish_desk.keychain import keys_of, new_key, open_keychain, read_mark
        from bookwish_desk.settings import Settings
        from bookwish_desk.shop.recovery import key_from_recovery, new_owner_code, recovery_text
        from bookwish_desk.shop.secret import Secret

        folder, paper = Path("shop"), Path("paper")
        if sys.argv[1] == "found":
            key = new_key()
            paper.write_text(recovery_text(key))
            settings = Settings(shop_name="Corner Books")
            plan = SetupPlan(settings, "R", "Olive", Secret("8024"), new_owner_code(), (), Secret(key.hex()))
            store, keys = set_up(folder, plan)
        elif sys.argv[1] == "keyring":
            keys = keys_of(folder)
            store = open_store(folder, key=keys.database, journal_key=keys.journal)
            open_keychain().delete(read_mark(folder).shop_id, "database key")
        else:
            store = open_store(folder, key=key_from_recovery(paper.read_text()).hex())
        assert store.settings.encrypted
        print(sys.argv[1], store.settings.shop_name)
        store.close()
    """
    told = in_session(own_home, program, "found keyring paper")
    assert told == ["found Corner Books", "keyring Corner Books", "paper Corner Books"]
