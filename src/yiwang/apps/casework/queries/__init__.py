"""What casework shows: frozen values for other rooms and pages, each behind one access check."""
