"""What the files answer: one file, its time line, who looked, what sources disagree about."""
