"""One module per command of `yiwang`: its name is the command's, its ``command`` is run."""
