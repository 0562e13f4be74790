"""Carriers: what is asked of them through a broker, and the engine that buys, reads back and follows."""
