"""A stand-in for a broker of carriers, beside the demonstration: EasyPost's API v2, as a real server.

It stands for a far side: nothing here may be known to the desk but by HTTP, and nothing here knows the desk.
No parcel moves, and its labels say so.
"""
