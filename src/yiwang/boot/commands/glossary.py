"""`yiwang glossary 办件`: what a word means and where it lives in the code."""

import click

from yiwang.boot.glossary import places_of, read_glossary, terms_of


@click.command()
@click.argument("word", required=False)
def command(word: str | None) -> None:
    """Say what WORD (Chinese, English or code) means and where it is defined.

    Without WORD, list all terms.
    """
    terms = read_glossary()
    if word is None:
        for term in terms:
            click.echo(f"{term.zh}\t{term.code}\t{term.en}")
        return
    found = terms_of(word, terms)
    if not found:
        raise click.ClickException(f"术语表里没有“{word}”。`yiwang glossary` 列出全部词条。")
    for term in found:
        click.echo(f"{term.zh} · {term.en} · {term.code}")
        click.echo(f"  {term.meaning}（来源：{term.source}）")
        if term.synonyms:
            click.echo(f"  又称：{'、'.join(term.synonyms)}")
        if term.rejected:
            click.echo(f"  未采用：{', '.join(term.rejected)}")
        for place in places_of(term.code):
            click.echo(f"  {place}")
