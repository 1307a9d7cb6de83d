"""GLOSSARY.md, printed from glossary.yaml."""

import click

from yiwang.boot.glossary import read_glossary

HEAD = """# Glossary 术语表

Printed from `glossary.yaml` by `yiwang docs`. `yiwang glossary 办件` says where a word lives in
the code.

| 中文 | English | code | meaning | source | rejected | also called |
|---|---|---|---|---|---|---|
"""


def pages(_yiwang: click.Group) -> dict[str, str]:
    """The whole table in the order of the file."""
    rows = (
        f"| {term.zh} | {term.en} | `{term.code}` | {term.meaning} | {term.source} "
        f"| {', '.join(term.rejected)} | {'、'.join(term.synonyms)} |\n"
        for term in read_glossary()
    )
    return {"GLOSSARY.md": HEAD + "".join(rows)}
