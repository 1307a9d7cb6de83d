"""The command `yiwang`."""

import os

import click

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """一网 Yiwang: run, check and look into a place's platform."""
