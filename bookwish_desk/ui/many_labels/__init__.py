"""Labels for many parcels at once: prices, a review of what they cost, and one key that buys and prints."""
