"""The screens: everything a person sees and touches. Only `presenter.py` files know actions; no SQL here."""
