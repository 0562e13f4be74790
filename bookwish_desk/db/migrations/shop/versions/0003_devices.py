"""Several devices instead of one receipt printer: their list, and for each job the device that gets it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PRINTER = "receipt-printer"


def upgrade() -> None:
    """Add the columns, and make the printer that was set up the first of the devices."""
    op.add_column("outbox", sa.Column("device", sa.String(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("copy", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.drop_index("outbox_waiting", "outbox")
    op.create_index("outbox_waiting", "outbox", ["state", "device", "channel", "next_try_at"])
    op.create_index("outbox_about", "outbox", ["ref", "kind"])
    bind = op.get_bind()
    bind.exec_driver_sql("UPDATE outbox SET device = ? WHERE channel IN ('paper', 'drawer')", (PRINTER,))
    row = bind.exec_driver_sql("SELECT value FROM settings WHERE key = 'printer'").first()
    if row is not None:
        devices = _devices(json.loads(row[0]))
        bind.exec_driver_sql("INSERT INTO settings (key, value) VALUES ('devices', ?)", (devices,))
        bind.exec_driver_sql("DELETE FROM settings WHERE key = 'printer'")


def _devices(printer: dict[str, object]) -> str:
    """Return the list of devices, as JSON, in place of the printer that there was."""
    kind = printer.get("kind", "none")
    if kind == "none":
        return "[]"
    setup = {
        "type": "receipt_printer",
        "paper_mm": printer.get("paper_mm", 80),
        "code_page": printer.get("code_page", "cp858"),
        "cutter": printer.get("cutter", True),
        "drawer_pin": printer.get("drawer_pin", 2),
        "raster_only": printer.get("raster_only", False),
    }
    address = "sim:" if kind == "simulated" else f"tcp:{_with_port(str(printer.get('address', '')))}"
    device = {
        "id": PRINTER,
        "name": "Receipt printer",
        "address": address,
        "setup": setup,
        "register": 1,
        "uses": ["receipts"],
    }
    return json.dumps([device], ensure_ascii=False, separators=(",", ":"))


def _with_port(address: str) -> str:
    """Return an address as it was checked and kept, with the usual port where it was never saved with one."""
    host, colon, port = address.rpartition(":")
    return address if colon and port.isdigit() and (":" not in host or "]" in host) else f"{address}:9100"
