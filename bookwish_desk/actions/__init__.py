"""What people do, as verbs: one action is one function and one transaction.

An action is called with a store (by a lane) and returns an Outcome: its value and the nouns that the
commit touched. Nothing here knows Qt, devices or the network.
"""
