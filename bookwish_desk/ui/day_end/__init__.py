"""The day's end: parcels per carrier, their lists, a carrier's visit, and handing over."""
