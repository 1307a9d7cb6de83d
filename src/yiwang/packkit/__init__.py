"""Read, check, test and show packs."""
