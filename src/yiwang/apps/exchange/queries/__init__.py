"""What sharing answers, by what is asked for."""
