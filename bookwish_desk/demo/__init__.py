"""The demonstration shop: real titles, invented prices and people, simulated devices."""
