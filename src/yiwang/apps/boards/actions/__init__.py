"""Use cases of boards, one noun a module."""
