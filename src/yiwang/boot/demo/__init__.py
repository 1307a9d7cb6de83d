"""The demo county: synthetic department systems, and the first run through every room."""
