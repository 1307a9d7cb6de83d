"""Writes RDF: one tree of nodes as Turtle or as JSON-LD, streamed node by node. It never reads RDF.

Values are escaped by the grammar of Turtle 1.1; names come from the table of prefixes only.
Why no library: docs/decisions/2026-11-22-own-rdf-writer.md.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
TURTLE, JSON_LD = "text/turtle", "application/ld+json"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\\ud800-\udfff]")


@dataclass(frozen=True)
class Text:
    """A literal in a language or of a datatype (``xsd:date``)."""

    value: str
    language: str = ""
    type: str = ""


@dataclass(frozen=True)
class Ref:
    """A node elsewhere, by its IRI."""

    iri: str


@dataclass(frozen=True)
class Node:
    """A node: an IRI (empty for a blank one), its types, its properties in order."""

    iri: str
    types: tuple[str, ...]
    properties: tuple[tuple[str, "Value"], ...] = ()


Value = Text | Ref | Node | Sequence[Text | Ref | Node]


def turtle(nodes: Iterable[Node]) -> Iterator[str]:
    """The nodes as Turtle, one piece of text per node."""
    yield "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    for node in nodes:
        for one in (node, *_named_within(node)):
            lines = " ;\n    ".join(_statements(one))
            yield f"\n<{_iri(one.iri)}> {lines} .\n"


def json_ld(nodes: Iterable[Node]) -> Iterator[str]:
    """The nodes as JSON-LD: a context, and a graph with one object per node."""
    context = msgspec.json.encode(PREFIXES).decode()
    yield f'{{"@context": {context}, "@graph": ['
    for place, node in enumerate(nodes):
        yield ("," if place else "") + "\n" + msgspec.json.encode(_object(node)).decode()
    yield "\n]}\n"


def _statements(node: Node) -> Iterator[str]:
    if node.types:
        yield f"a {', '.join(node.types)}"
    for name, value in node.properties:
        written = [_written(one) for one in _each(value)]
        if written:
            yield f"{name} {', '.join(written)}"


def _named_within(node: Node) -> Iterator[Node]:
    """The nodes below ``node`` that have an IRI: Turtle says them after it, by their names."""
    for _, value in node.properties:
        for one in _each(value):
            if isinstance(one, Node):
                if one.iri:
                    yield one
                yield from _named_within(one)


def _each(value: Value) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _written(value: Any) -> str:
    if isinstance(value, Ref):
        return f"<{_iri(value.iri)}>"
    if isinstance(value, Node) and value.iri:
        return f"<{_iri(value.iri)}>"
    if isinstance(value, Node):
        inner = " ; ".join(_statements(value))
        return f"[ {inner} ]"
    text = "".join(_ESCAPES.get(sign) or _printable(sign) for sign in value.value)
    if value.language:
        return f'"{text}"@{value.language}'
    return f'"{text}"^^{value.type}' if value.type else f'"{text}"'


def _printable(sign: str) -> str:
    return f"\\u{ord(sign):04X}" if ord(sign) < 32 or ord(sign) == 127 else sign


def _iri(iri: str) -> str:
    """An IRI with what may not stand in one percent-encoded."""
    return _NOT_IN_IRI.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace")), iri
    )


def _object(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"@id": _iri(node.iri)} if node.iri else {}
    if node.types:
        found["@type"] = list(node.types)
    for name, value in node.properties:
        values = [_as_json(one) for one in _each(value)]
        if values:
            found[name] = values[0] if len(values) == 1 else values
    return found


def _as_json(value: Any) -> Any:
    if isinstance(value, Ref):
        return {"@id": _iri(value.iri)}
    if isinstance(value, Node):
        return _object(value)
    if value.language:
        return {"@value": value.value, "@language": value.language}
    return {"@value": value.value, "@type": value.type} if value.type else value.value
