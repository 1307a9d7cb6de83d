"""Files of persons and firms: what the tables hold about one subject, and who looked at it."""
