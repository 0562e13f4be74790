"""The data folder: private, on a disk of this machine, one desk at a time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bookwish_desk.db import engine as engines
from bookwish_desk.db import folder as place
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.errors import StorageError

MOUNTS = """\
22 28 0:21 / /proc rw,nosuid shared:5 - proc proc rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
31 28 0:26 / /srv/books rw,relatime shared:9 - nfs4 nas:/books rw,vers=4.2
32 28 0:27 / /mnt/win rw,relatime shared:10 master:3 - cifs //nas/share rw
33 28 0:28 / /home/ann/far rw,nosuid - fuse.sshfs ann@far: rw
34 28 0:29 / /home/ann/vault rw,nosuid - fuse.gocryptfs /home/ann/.vault rw
35 28 0:30 / /media/stick rw - fuseblk /dev/sdb1 rw
36 28 0:31 / /mnt/with\\040blank rw - smb3 //nas/other rw
37 28 254:2 / /srv/books/local rw - xfs /dev/vdb1 rw
38 28 0:32 / /mnt/twice rw - nfs nas:/old rw
39 28 254:3 / /mnt/twice rw - ext4 /dev/vdc1 rw
40 28 0:33 / /mnt/host rw - 9p hostshare rw
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ann/.local/share/bookwish-desk", ""),
        ("/srv/books", "nfs4"),
        ("/srv/books/shop", "nfs4"),
        ("/srv/bookshop", ""),
        ("/srv/books/local/shop", ""),
        ("/mnt/win/shop", "cifs"),
        ("/home/ann/far/shop", "fuse.sshfs"),
        ("/home/ann/vault/shop", ""),
        ("/media/stick/shop", ""),
        ("/mnt/with blank/shop", "smb3"),
        ("/mnt/twice/shop", ""),
        ("/mnt/host/shop", "9p"),
    ],
)
def test_a_network_share_is_known_by_its_mount(path: str, kind: str) -> None:
    assert place.share_of(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/Users/ann/Library", ""),
        ("/Volumes/share/shop", "smbfs"),
        ("/Volumes/far away/shop", "macfuse"),
        ("/Volumes/stick/shop", ""),
    ],
)
def test_a_network_share_is_known_on_a_mac(path: str, kind: str) -> None:
    listing = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "//ann@nas/share on /Volumes/share (smbfs, nodev, nosuid, mounted by ann)\n"
        "ann@far: on /Volumes/far away (macfuse, nodev)\n"
        "/dev/disk5s1 on /Volumes/stick (exfat, local, nodev)\n"
    )
    assert place.mac_share_of(Path(path), listing) == kind


def test_a_share_by_its_windows_name() -> None:
    assert place._windows_share("\\\\nas\\share\\shop")
    assert not place._windows_share("/home/ann")


def test_this_folder_is_on_no_share(tmp_path: Path) -> None:
    place.refuse_share(tmp_path)


def test_a_folder_on_a_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_share", lambda _folder: "nfs4")
    with pytest.raises(StorageError, match="network share") as refused:
        open_store(tmp_path / "shop")
    assert refused.value.code == "share"
    assert not (tmp_path / "shop").exists()


def test_everything_in_the_folder_is_private_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    before = os.umask(0)
    try:
        store = open_store(folder)
        with store.write() as tx:
            tx.record("test", staff="", register=1, ref="", body={})
        names = {p.name: mode(p) for p in folder.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert names == dict.fromkeys(["shop.db", "shop.db-wal", "shop.db-shm", "catalogue.db"], 0o600) | {
        n: m for n, m in names.items() if n.startswith("catalogue.db-")
    }
    assert all(m == 0o600 for m in names.values())
    assert mode(folder) == 0o700
    assert place.loose(folder) == []


def test_books_that_others_could_read_are_closed_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    open_store(folder).close()
    (folder / place.LOCK_FILE).touch()
    folder.chmod(0o755)
    (folder / "shop.db").chmod(0o644)
    assert set(place.loose(folder)) >= {folder, folder / "shop.db"}
    open_store(folder).close()
    assert (mode(folder), mode(folder / "shop.db")) == (0o700, 0o600)


def test_a_folder_that_others_share_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    open_store(shared).close()
    assert mode(shared) == 0o1777
    busy = tmp_path / "busy"
    busy.mkdir()
    busy.chmod(0o755)
    (busy / "letter.txt").touch()
    open_store(busy).close()
    assert mode(busy) == 0o755
    assert mode(busy / "shop.db") == 0o600


@pytest.mark.parametrize("name", [engines.SHOP_FILE, engines.CATALOGUE_FILE, place.LOCK_FILE])
def test_a_linked_database_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    elsewhere = tmp_path / "elsewhere.db"
    elsewhere.touch()
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(StorageError, match="is a link") as refused:
        open_store(folder)
    assert refused.value.code == "linked"
    assert elsewhere.stat().st_size == 0


def test_the_folder_itself_may_be_a_link_to_another_disk(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "shop").symlink_to(tmp_path / "disk")
    open_store(tmp_path / "shop").close()
    assert (tmp_path / "disk" / "shop.db").exists()


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be used") as refused:
        place.prepare(tmp_path / "file" / "shop")
    assert refused.value.code == "no_access"


def test_the_platform_has_a_folder_and_the_demonstration_another(own_home: Path) -> None:
    real, demo = place.default_folder(demo=False), place.default_folder(demo=True)
    assert real != demo
    assert real.is_relative_to(own_home)


# ---- one desk at a time ----


def test_a_second_desk_is_told_who_has_the_folder(tmp_path: Path) -> None:
    with place.claim(tmp_path), pytest.raises(StorageError) as refused:
        place.claim(tmp_path)
    assert refused.value.code == "running"
    assert refused.value.facts["pid"] == os.getpid()
    assert f"process {os.getpid()} on " in refused.value.message
    assert mode(tmp_path / place.LOCK_FILE) == 0o600
    place.claim(tmp_path).release()


HOLDER = """
import sys, pathlib
from bookwish_desk.db import folder
try:
    held = folder.claim(pathlib.Path(sys.argv[1]))
except folder.StorageError as refused:
    print(refused.code, flush=True)
    sys.exit(3)
print("held", flush=True)
sys.stdin.read()
"""


def start_holder(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_word(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_of_six_desks_started_at_once_exactly_one_runs_and_a_killed_one_makes_room(tmp_path: Path) -> None:
    started = [start_holder(tmp_path) for _ in range(6)]
    try:
        words = [first_word(p) for p in started]
        assert sorted(words) == ["held"] + ["running"] * 5
        holder = started[words.index("held")]
        with pytest.raises(StorageError) as refused:
            place.claim(tmp_path)
        assert refused.value.facts["pid"] == holder.pid
        holder.kill()
        holder.wait()
        place.claim(tmp_path).release()
    finally:
        for process in started:
            process.kill()
            process.communicate()
