"""Looking for devices: what is plugged in or answers, whose it is, and whether this user may open it."""
