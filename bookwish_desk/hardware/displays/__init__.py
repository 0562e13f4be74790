"""Customer displays of two lines."""
