"""Things that several tests need: a founded shop on disk, lanes that run at once, a frozen clock."""
