"""The adapter for BookWish stores: its HTTP interface, tolerant of every spelling that its pages show.

Nothing heavy is imported here: `adapter` and what it needs are loaded by whoever reaches a store.
"""
