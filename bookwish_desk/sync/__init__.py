"""What leaves for the far sides and comes from them: mail first. Blocking, on a lane; no table, no Qt."""
