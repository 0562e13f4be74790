"""A small online store that runs beside the demonstration: what `openapi.yaml` says, as a real server.

It stands for a far side: nothing here may be known to the desk but by HTTP, and nothing here knows the desk.
"""
