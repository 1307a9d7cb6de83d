"""Forms: ask only what is not known yet, and believe nothing that a client sends back.

What the platform holds about the applicant is filled in with its source and cannot be changed by
the one who fills the form; everything else is checked on the server by the field's expressions.
"""
