"""A test bed that lets one command see USB devices that are not there: a printer, a scanner, a scale.

Run by the system's Python under `umockdev-wrapper`, so that the real libusb, pyusb and hidapi of the command
talk to it (`hands.py` starts it):

    umockdev-wrapper /usr/bin/python3 usb_bed.py FD COMMAND...

FD is a socket on which orders come, one JSON object a line, each answered by one. COMMAND has this process's
standard input and output and runs with libumockdev loaded; the bed ends with it and with its exit code.

    {"do": "plug", "kind": "printer", "name": "till", "port": "1-1", "vendor": 1208, "product": 3624,
     "serial": "X3XX012345", "protocol": 2}   plug a device in; kinds: printer, scanner, scale. All but kind
                                              may be left out; a printer of protocol 1 never answers, one of
                                              "insides": "label" takes ZPL, TSPL and EPL. Answers
                                              {"number": N}, new at every plugging. A name that was there
                                              before is the same device again, with what it has on paper
    {"do": "unplug", "name": "till"}          pull it out, whatever is under way
    {"do": "power", "name": "till", "on": false}  off is gone from the bus; on plugs it in again there
    {"do": "hold", "name": "till", "on": true}    another program has claimed the printer, or lets it go
    {"do": "deny", "name": "till"}            nobody may open its node but root
    {"do": "tell", "name": "till", "words": "paper out"}  what `Engine.order` of the printer's insides takes
    {"do": "set", "name": "till", "process_ids": false}  any field of its engine
    {"do": "look", "name": "till"}            answers what is on paper and what the printer went through:
                                              {"paper": hex, "pulses": N, "received": N, "waiting": N,
                                              "plugged": ..., "kernel": usblp bound, "claims": N,
                                              "releases": N, "detached": N, "attached": N, "resets": N}
    {"do": "scan", "name": "scanner", "text": "9780306406157", "aim": "]E0"}  a HID-POS scan, in as many
                                              reports as it takes
    {"do": "weigh", "name": "scale", "status": 4, "unit": 11, "exponent": -2, "value": 123}  a scale's report
    {"do": "report", "name": "scanner", "hex": "02..."}  any input report, from its number on
    {"do": "written", "name": "scale"}        answers {"hex": [...]}, the output reports that came

A read of a HID device that has nothing to say ends early with nothing, where a kernel would let it wait:
whoever reads must look at the clock, not count the reads.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import gi  # type: ignore[import-not-found]

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # type: ignore[import-not-found]  # noqa: E402
from usb_devices import HIDS, LOCK, HidDevice, Printer, scan_reports  # type: ignore[import-not-found]  # noqa: E402

_ROOT = "/devices/pci0000:00/0000:00:14.0/usb1"
_TICK_MS = 5


class Bed:
    """What is plugged in, and the orders that change it."""

    def __init__(self) -> None:
        self.testbed = UMockdev.Testbed.new()
        self.devices: dict[str, Printer | HidDevice] = {}
        self.plugs: dict[str, dict] = {}
        self.paths: dict[str, tuple[str, str]] = {}
        self.number = 4

    def obey(self, order: dict) -> dict:
        verb = getattr(self, "do_" + order.pop("do"))
        with LOCK:
            return {"ok": True, **(verb(**order) or {})}

    def do_plug(self, kind: str, name: str = "", **how) -> dict:
        name = name or kind
        self.do_unplug(name)
        self.number += 1
        self.plugs[name] = {"kind": kind, **how}
        if kind == "printer":
            self.plug_printer(name, **how)
        else:
            self.plug_hid(name, kind, **how)
        return {"number": self.number}

    def plug_printer(
        self,
        name,
        port="1-1",
        vendor=0x04B8,
        product=0x0E28,
        serial="X3XX012345",
        protocol=2,
        insides="receipt",
    ) -> None:
        before = self.devices.get(name)
        device = Printer(vendor, product, serial, protocol, insides)
        if isinstance(before, Printer):
            device.engine, device.counts = before.engine, before.counts
            device.engine.hang_up()
        node, whole = f"bus/usb/001/{self.number:03d}", (device.device + device.configuration).hex().upper()
        self.add(
            f"P: {_ROOT}/{port}", f"N: {node}={whole}", f"E: DEVNAME=/dev/{node}", "E: DEVTYPE=usb_device",
            "E: BUSNUM=001", f"E: DEVNUM={self.number:03d}", "E: SUBSYSTEM=usb", "E: MAJOR=189",
            f"E: MINOR={self.number - 1}", "A: busnum=1\\n", f"A: devnum={self.number}\\n", "A: speed=12\\n",
            "A: bConfigurationValue=1\\n", f"A: idVendor={vendor:04x}\\n", f"A: idProduct={product:04x}\\n",
            "A: manufacturer=EPSON\\n", "A: product=TM-T20III\\n", f"A: serial={serial}\\n",
            f"H: descriptors={whole}",
        )  # fmt: skip
        self.appear(name, device, f"/sys{_ROOT}/{port}", "/dev/" + node)

    def plug_hid(self, name, kind, port="", vendor=0, product=0, serial="H123") -> None:
        descriptor, own_vendor, own_product, maker, model = HIDS[kind]
        vendor, product = vendor or own_vendor, product or own_product
        top = f"{_ROOT}/{port or ('1-2' if kind == 'scanner' else '1-3')}"
        middle, raw = f"{top}/{Path(top).name}:1.0", f"hidraw{self.number}"
        bus = f"0003:{vendor:04X}:{product:04X}.{self.number:04d}"
        self.add(
            f"P: {top}", "E: DEVTYPE=usb_device", "E: SUBSYSTEM=usb", f"A: idVendor={vendor:04x}\\n",
            f"A: idProduct={product:04x}\\n", f"A: manufacturer={maker}\\n", f"A: product={model}\\n",
            f"A: serial={serial}\\n", "A: bcdDevice=0100\\n",
        )  # fmt: skip
        self.add(
            f"P: {middle}", "E: DEVTYPE=usb_interface", "E: SUBSYSTEM=usb", "A: bInterfaceNumber=00\\n",
            "A: bInterfaceClass=03\\n",
        )  # fmt: skip
        self.add(
            f"P: {middle}/{bus}", "E: SUBSYSTEM=hid", f"E: HID_ID=0003:{vendor:08X}:{product:08X}",
            f"E: HID_NAME={maker} {model}", f"E: HID_UNIQ={serial}",
            f"H: report_descriptor={descriptor.hex().upper()}",
        )  # fmt: skip
        self.add(
            f"P: {middle}/{bus}/hidraw/{raw}", f"N: {raw}=00", "E: SUBSYSTEM=hidraw",
            f"E: DEVNAME=/dev/{raw}", f"L: device=../../../{bus}", "E: MAJOR=241", f"E: MINOR={self.number}",
        )  # fmt: skip
        self.appear(name, HidDevice(descriptor, vendor, product), f"/sys{top}", "/dev/" + raw)

    def add(self, *lines: str) -> None:
        if not self.testbed.add_from_string("\n".join(lines) + "\n"):
            raise RuntimeError(f"umockdev took no device {lines[0]}")

    def appear(self, name: str, device: Printer | HidDevice, path: str, node: str) -> None:
        self.devices[name], self.paths[name] = device, (path, node)
        self.testbed.attach_ioctl(node, device)
        self.testbed.uevent(path, "add")

    def do_unplug(self, name: str) -> None:
        if name not in self.paths:
            return
        path, node = self.paths.pop(name)
        self.devices[name].leave()
        self.testbed.uevent(path, "remove")
        self.testbed.detach_ioctl(node)
        self.testbed.remove_device(path)

    def do_power(self, name: str, on: bool) -> dict | None:
        self.devices[name].engine.order("power on" if on else "power off")
        if on:
            return self.do_plug(name=name, **self.plugs[name])
        self.do_unplug(name)
        return None

    def do_hold(self, name: str, on: bool = True) -> None:
        self.devices[name].held, self.devices[name].kernel = on, not on

    def do_deny(self, name: str) -> None:
        top = Path(self.testbed.get_root_dir())
        for path in (top, *top.rglob("*")):
            if path.is_dir() or path.is_socket():  # the bed itself is open to all
                path.chmod(0o777)
        (top / self.paths[name][1].lstrip("/")).chmod(0)

    def do_tell(self, name: str, words: str) -> None:
        self.devices[name].engine.order(words)
        self.devices[name].work()

    def do_set(self, name: str, **fields) -> None:
        for field, value in fields.items():
            setattr(self.devices[name].engine, field, value)

    def do_look(self, name: str) -> dict:
        device = self.devices[name]
        engine = device.engine
        told = {"paper": engine.paper.hex(), "pulses": len(engine.pulses), "received": engine.received}
        there = {"plugged": name in self.paths, "kernel": device.kernel, "waiting": engine.waiting()}
        return {**told, **there, **device.counts}

    def do_scan(self, name: str, text: str, aim: str = "]E0") -> None:
        self.devices[name].reports += scan_reports(text, aim)

    def do_weigh(self, name: str, value: int, status: int = 4, unit: int = 11, exponent: int = 0) -> None:
        self.devices[name].reports.append(struct.pack("<BBBbH", 3, status, unit, exponent, value))

    def do_report(self, name: str, hex: str) -> None:
        self.devices[name].reports.append(bytes.fromhex(hex))

    def do_written(self, name: str) -> dict:
        return {"hex": self.devices[name].written}

    def tick(self) -> None:
        with LOCK:
            for name, device in self.devices.items():
                device.work()
                if not device.plugged:
                    self.do_unplug(name)  # it went by itself, in the middle of a job


def main() -> int:
    """Run the command in the bed until it ends; return its exit code."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    bed = Bed()
    lines = orders.makefile("rb")

    def listen() -> None:
        for line in lines:
            try:
                answer = bed.obey(json.loads(line))
            except Exception as fault:
                answer = {"ok": False, "fault": repr(fault)}
            orders.sendall(json.dumps(answer).encode() + b"\n")

    # The standard input is the command's; its own folder of modules is not for the command.
    child = subprocess.Popen(sys.argv[2:])
    threading.Thread(target=listen, daemon=True).start()
    loop = GLib.MainLoop()

    def turn() -> bool:
        bed.tick()
        if child.poll() is None:
            return True
        loop.quit()
        return False

    GLib.timeout_add(_TICK_MS, turn)
    loop.run()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
