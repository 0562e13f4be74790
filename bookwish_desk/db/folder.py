"""The data folder: where it is, who may use it, and what it must not be. Knows no database.

A data folder is private to one person (0700, files 0600), lies on a disk of this machine, and is open
in one running desk at a time: the lock lies beside the database.
"""

from __future__ import annotations

import os
import platform
import re
import stat
import sys
from pathlib import Path

from bookwish_desk.shop.errors import Refused, StorageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE = "desk.lock"
IMPORT_LOCK = "import.lock"
BACKUPS = "backups"

_REMOTE = frozenset((
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "webdav", "davfs",
    "davfs2", "coda", "ceph", "glusterfs", "lustre", "beegfs", "gfs", "gfs2", "ocfs2", "orangefs",
    "pvfs2", "9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs",
))  # fmt: skip
"""File systems behind which another machine (or the host of a virtual one) holds the files."""

_LOCAL_FUSE = frozenset(("fuseblk", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs"))
"""FUSE file systems whose files are on this machine; every other one counts as a share (sshfs, rclone)."""


def default_folder(*, demo: bool) -> Path:
    """Return where this platform keeps the data of the register, or of the demonstration shop."""
    from platformdirs import user_data_path

    return user_data_path("bookwish-desk-demo" if demo else "bookwish-desk", appauthor=False)


def prepare(folder: Path) -> None:
    """Make the folder where it is missing and close it to everybody else.

    Raises StorageError when it lies on a network share, holds a linked database or cannot be written.
    """
    refuse_share(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _is_ours(folder):
            folder.chmod(0o700)
        for path in (*folder.glob("*.db*"), folder / LOCK_FILE, folder / BACKUPS):
            if path.is_symlink():
                raise StorageError(
                    "linked",
                    f"{path.name} is a link to somewhere else. The books must lie in the data folder itself.",
                    path=str(path),
                )
            if path.exists():
                path.chmod(0o700 if path.is_dir() else 0o600)
    except OSError as fault:
        raise no_access(folder, fault) from fault


def _is_ours(folder: Path) -> bool:
    """Say whether the folder is the register's alone: a folder that others share is left as it is."""
    if folder.stat().st_mode & stat.S_ISVTX:
        return False
    return (folder / LOCK_FILE).exists() or not any(folder.iterdir())


def no_access(path: Path, fault: OSError) -> StorageError:
    """Return in plain words why a folder or file cannot be used."""
    why = fault.strerror or type(fault).__name__
    return StorageError("no_access", f"{path} cannot be used: {why}.", path=str(path))


def loose(folder: Path) -> list[Path]:
    """Return the folder itself and what is in it that other people on this machine could open."""
    if os.name != "posix":
        return []
    found = (folder, *folder.rglob("*"))
    return [p for p in found if not p.is_symlink() and stat.S_IMODE(p.stat().st_mode) & 0o077]


def create_private(path: Path) -> None:
    """Make sure a database file is there, readable by its owner only; its -wal and -shm take that over."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        os.close(os.open(path, flags, 0o600))
    except OSError as fault:
        raise no_access(path, fault) from fault


# ---- one desk at a time ----


class Claim:
    """The right to be the one desk on a folder, until it is released or the process ends in any way."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    def release(self) -> None:
        """Let another desk open the folder."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Claim:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def claim(folder: Path) -> Claim:
    """Be the one desk on this folder. Raises StorageError with code "running" when another one is."""
    prepare(folder)
    handle, free = _open_lock(folder / LOCK_FILE)
    if not free:
        os.lseek(handle, 0, os.SEEK_SET)
        holder = os.read(handle, 300)
        os.close(handle)
        raise _running(holder.decode("utf-8", "replace"))
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()} {platform.node()}\n".encode())
    return Claim(handle)


def claim_import(folder: Path) -> Claim:
    """Be the one who imports into this folder. Raises Refused with code "busy" while another list is."""
    handle, free = _open_lock(folder / IMPORT_LOCK)
    if not free:
        os.close(handle)
        raise Refused("busy", "Another list is being imported. Wait until it is done, or cancel it.")
    return Claim(handle)


def _open_lock(path: Path) -> tuple[int, bool]:
    """Open a lock file, and say whether it is ours now."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(path, flags, 0o600)
    except OSError as fault:
        raise no_access(path, fault) from fault
    return handle, _lock(handle)


def _lock(handle: int) -> bool:
    """Lock without waiting; the system gives the lock up when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            # Far behind the text, so that another process can still read who holds it.
            os.lseek(handle, 4096, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _running(holder: str) -> StorageError:
    pid, _, host = holder.strip().partition(" ")
    who = f" (process {pid} on {host})" if pid.isdigit() and host else ""
    return StorageError(
        "running",
        f"bookwish-desk is already open on this data folder{who}. Use that one, or close it first.",
        pid=int(pid) if pid.isdigit() else None,
        host=host,
    )


# ---- network shares ----


def refuse_share(folder: Path) -> None:
    """Raise StorageError when the folder lies on a network share: locks there cannot be relied on."""
    found = _share(folder)
    if found:
        raise StorageError(
            "share",
            f"{folder} is on a network share ({found}). The books must lie on a disk of this machine; "
            "put backups on the share instead.",
            kind=found,
        )


def _share(folder: Path) -> str:
    real = folder.resolve()
    try:
        if sys.platform == "win32":
            return _windows_share(str(real))
        if sys.platform == "darwin":
            return mac_share_of(real, _mac_listing())
        return share_of(real, Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"))
    except OSError:
        return ""


def share_of(path: Path, mountinfo: str) -> str:
    """Return the kind of network share that `path` lies on, or an empty text when it lies on a disk.

    `path` is absolute and resolved; `mountinfo` is the text of /proc/self/mountinfo (proc(5)), where of
    two mounts on one point the later one is on top.
    """
    mounts: list[tuple[str, str]] = []
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(), right.partition(" ")[0]
        if len(fields) > 4 and kind:
            mounts.append((_unescaped(fields[4]), kind))
    kind = _kind_of(path, mounts)
    is_share = kind in _REMOTE or (kind.startswith("fuse.") and kind not in _LOCAL_FUSE)
    return kind if is_share else ""


def _mac_listing() -> str:
    import subprocess

    try:
        told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False)
    except subprocess.SubprocessError:
        return ""
    return told.stdout


def mac_share_of(path: Path, listing: str) -> str:
    """Return the kind of network share that `path` lies on, from the output of macOS's mount(8)."""
    found = re.findall(r"^.+? on (.+) \((\w+)[,)]", listing, re.MULTILINE)
    kind = _kind_of(path, [(point, kind) for point, kind in found])
    return kind if kind in _REMOTE or "fuse" in kind else ""


def _kind_of(path: Path, mounts: list[tuple[str, str]]) -> str:
    best, found = -1, ""
    for point, kind in mounts:
        if path.is_relative_to(point) and len(point) >= best:
            best, found = len(point), kind
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text)


def _windows_share(path: str) -> str:
    if path.startswith("\\\\"):
        return "UNC path"
    if sys.platform == "win32":
        import ctypes

        drive_remote = 4  # DRIVE_REMOTE, winbase.h
        if ctypes.windll.kernel32.GetDriveTypeW(path[:3]) == drive_remote:
            return "network drive"
    return ""
