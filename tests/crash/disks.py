"""Disks that a test may fill up or cut the power of: ext4 in a file, and one in memory. Root only."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest

_SHUTDOWN = 0x8004587D  # FS_IOC_SHUTDOWN, linux/fs.h
_DROP_UNSYNCED_LOG = struct.pack("I", 2)
_SIZE = 96 << 20


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


class LoopDisk:
    """An ext4 file system whose power can be cut: what was not synced by then is gone."""

    def __init__(self, work: Path) -> None:
        self._image = work / "disk.img"
        self.mount_point = work / "disk"
        self.mount_point.mkdir()
        with self._image.open("wb") as file:
            file.truncate(_SIZE)
        _run("mkfs.ext4", "-q", "-F", str(self._image))
        self.mount()

    def mount(self) -> None:
        """Mount it; after a cut the file system replays its own log, as at a start."""
        _run("mount", "-o", "loop", str(self._image), str(self.mount_point))

    def settle(self) -> None:
        """Have everything that was written so far on the disk."""
        self.unmount()
        self.mount()

    def cut_power(self) -> None:
        """Stop the file system at once, as a pulled plug stops a disk; whoever uses it gets errors."""
        handle = os.open(self.mount_point, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, _DROP_UNSYNCED_LOG)
        finally:
            os.close(handle)

    def unmount(self) -> None:
        """Unmount it; the loop device goes with it."""
        _run("umount", str(self.mount_point))


@contextmanager
def loop_disk() -> Iterator[LoopDisk]:
    """Lend a disk whose power can be cut."""
    work = Path(tempfile.mkdtemp(prefix="bookwish-disk-"))
    disk = LoopDisk(work)
    try:
        yield disk
    finally:
        if os.path.ismount(disk.mount_point):
            disk.unmount()
        shutil.rmtree(work)


@contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """Lend a disk in memory of so many bytes."""
    point = Path(tempfile.mkdtemp(prefix="bookwish-disk-"))
    _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(point))
    try:
        yield point
    finally:
        _run("umount", str(point))
        point.rmdir()


@lru_cache(maxsize=2)
def why_not(loop: bool) -> str:
    """Return why such disks cannot be had here, or an empty text when they can."""
    if sys.platform != "linux":
        return "disks can be mounted by these tests on Linux only"
    if os.geteuid() != 0:
        return "mounting a disk needs root"
    try:
        if loop:
            with loop_disk():
                pass
        else:
            with small_disk(1 << 20):
                pass
    except (OSError, FileNotFoundError) as fault:
        return f"a disk cannot be mounted here: {fault}"
    return ""


def need_disk(*, loop: bool) -> None:
    """Skip the test, and say why, where it cannot have a disk of its own."""
    reason = why_not(loop)
    if reason:
        pytest.skip(reason)
