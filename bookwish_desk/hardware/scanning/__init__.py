"""What is read through a line of its own: scanners and scales."""
