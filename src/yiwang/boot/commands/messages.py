"""`yiwang messages`: renew the catalogue of a language after texts have changed."""

import click

from yiwang.web.catalogs import renew


@click.command()
@click.argument("language", default="en")
@click.option("--whole", is_flag=True, help="Also write texts of pages not yet translated.")
def command(language: str, whole: bool) -> None:
    """Collect the marked texts into the catalogue of LANGUAGE (`en`) and compile it.

    Translations already there stay; edit `web/locale/LANGUAGE/LC_MESSAGES/django.po` and run
    this again.
    """
    texts, translated = renew(language, whole=whole)
    click.echo(f"{language}: {translated} of {texts} texts translated")
