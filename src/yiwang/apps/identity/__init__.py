"""Identity: organs, posts, accounts, roles and rights; who somebody is and what they may do.

The one gate per right is here: ``require``. Officials hold rights through posts, citizens and
firms are subjects with an account and see only what is theirs.
"""
