"""Writing identity, split by noun: the place's organs, accounts, sessions."""
