"""A code whose check digit does not fit: which books it may be, shown and chosen by a person, never taken."""
