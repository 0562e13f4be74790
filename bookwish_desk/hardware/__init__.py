"""Devices at the register: slips to bytes, bytes to printers and drawers. Knows `shop` only."""
