"""bookwish-desk: point of sale and fulfilment for independent bookstores."""

__version__ = "0.1.0"
