"""What is done to licences and codes, one use case a function."""
