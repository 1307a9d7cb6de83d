"""DCAT-AP 3: what is written is read back by rdflib and judged by pyshacl.

The shapes are our own transcription of the specification's tables (cardinalities, node kinds,
datatypes, classes of ranges): the official file is in no package registry.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from cast import NINE
from opened import BANDS, published
from pyshacl import validate
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api import rdf

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # pyshacl's use of rdflib
]
RESULT = URIRef("http://www.w3.org/ns/shacl#ValidationResult")
SHAPES = Path(__file__).with_name("dcat_ap_3.ttl")


@pytest.fixture
def county(settled_county, db):
    return settled_county


@pytest.fixture
def catalogue(county, client):
    published(county)
    published(county, BANDS)
    awkward = 'a\t\r\n\\ "b"'
    gone = published(county, name="gone", title="已撤“下”𠮷", description=awkward)
    exchange.withdraw_release(
        gone.name, reason="口径\r\n调整", officer=county.li, at=NINE + timedelta(days=1)
    )
    return client


def read(client, address, form):
    answer = client.get(address)
    text = b"".join(answer.streaming_content).decode()
    return Graph().parse(data=text, format=form)


def violations(graph):
    _, found, text = validate(graph, shacl_graph=str(SHAPES), shacl_graph_format="turtle")
    return (
        text
        if len(
            list(found.subjects(RDF.type, URIRef("http://www.w3.org/ns/shacl#ValidationResult")))
        )
        else ""
    )


def test_the_catalogue_has_no_violation_and_both_forms_say_the_same(catalogue):
    turtle = read(catalogue, "/api/dcat/catalog.ttl", "turtle")
    linked = read(catalogue, "/api/dcat/catalog.jsonld", "json-ld")

    assert len(turtle) > 100 and isomorphic(turtle, linked)
    assert violations(turtle) == ""


def test_the_shapes_find_what_is_wrong(catalogue):
    graph = read(catalogue, "/api/dcat/catalog.ttl", "turtle")
    for triple in list(graph.triples((None, DCTERMS.title, None))):
        graph.remove(triple)

    assert "title" in violations(graph)


def test_a_dataset_alone_has_no_violation(catalogue):
    graph = read(catalogue, "/api/dcat/elder-homes.ttl", "turtle")

    assert violations(graph) == "" and len(list(graph.subjects(RDF.type, DCAT.Distribution))) == 3
    assert catalogue.get("/api/dcat/nothing.ttl").status_code == 404
    assert catalogue.get("/api/dcat/elder-homes.rdf").status_code == 404


def test_a_withdrawn_dataset_is_a_record_without_files(catalogue):
    graph = read(catalogue, "/api/dcat/catalog.ttl", "turtle")
    gone = URIRef("http://testserver/open/gone/")

    assert (gone, RDF.type, DCAT.Dataset) in graph
    assert not list(graph.objects(gone, DCAT.distribution))
    assert (URIRef("http://testserver/open/"), DCAT.dataset, gone) not in graph
    assert catalogue.get("/api/dcat/gone.ttl").status_code == 410


def test_a_conditional_dataset_names_no_download(catalogue):
    graph = read(catalogue, "/api/dcat/resident-bands.ttl", "turtle")

    assert not list(graph.triples((None, DCAT.downloadURL, None)))


@pytest.mark.parametrize("text", ['a"b\\c', "\r\n\t\x00\x1f\x7f", "𠮷\u202e", "'''", "@zh ^^<x>"])
def test_any_text_comes_back_as_it_was(text):
    node = rdf.Node("http://x.example/a b<c>", ("foaf:Agent",), (("foaf:name", rdf.Text(text)),))
    graph = Graph().parse(data="".join(rdf.turtle([node])), format="turtle")

    assert [str(one) for one in graph.objects(None, URIRef(rdf.PREFIXES["foaf"] + "name"))] == [
        text
    ]
