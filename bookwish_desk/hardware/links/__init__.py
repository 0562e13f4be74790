"""Ways to a device's door, one file each; what is sent through them is not their business."""

from __future__ import annotations
