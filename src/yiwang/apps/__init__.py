"""What must be remembered: one Django app per mechanism, entered by its `public.py` only."""
