"""Releases as DCAT-AP 3 says them: catalogue, records, datasets, distributions, data service."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.api.rdf import Node, Ref, Text, Value
from yiwang.web.shell import place

LANGUAGE = "zh"
_EU = "http://publications.europa.eu/resource/authority"
_IANA = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES = {"csv": "CSV", "json": "JSON", "parquet": "OCTET"}
_FREQUENCIES = {
    "P1D": "DAILY",
    "P7D": "WEEKLY",
    "P1W": "WEEKLY",
    "P1M": "MONTHLY",
    "P3M": "QUARTERLY",
    "P1Y": "ANNUAL",
}
_ACCESS = {"unconditional": "PUBLIC", "conditional": "RESTRICTED"}


def instant(at: datetime) -> Text:
    """An instant as a literal."""
    return Text(at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), type="xsd:dateTime")


def said(text: str) -> Text:
    """Words in Chinese."""
    return Text(text, language=LANGUAGE)


class Words:
    """IRIs and titles for one answer: where this site is, its organs and themes."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.organs = {one.id: one.title for one in identity.organs()}
        self.themes = {one.id: one for one in exchange.themes()}

    def dataset(self, one: exchange.ReleaseView) -> str:
        """The IRI of a dataset: its page."""
        return f"{self.site}/open/{one.name}/"

    def organ(self, organ: str) -> Node:
        """An organ as an agent."""
        iri = f"{self.site}/open/?organ={organ}"
        return Node(iri, ("foaf:Agent",), (("foaf:name", said(self.organs.get(organ, organ))),))

    def concept(self, iri: str, label: str) -> Node:
        """A term of a vocabulary with its label."""
        return Node(iri, ("skos:Concept",), (("skos:prefLabel", said(label)),))

    def theme(self, theme: str) -> Node | None:
        """A theme by the European vocabulary's name, if the register gives one."""
        found = self.themes.get(theme)
        if found is None or not found.eu:
            return None
        return self.concept(f"{_EU}/data-theme/{found.eu}", found.title)


def catalogue(
    words: Words, page: Iterable[exchange.ReleaseView], *, at: datetime, next_page: str
) -> Iterator[Node]:
    """The catalogue, its page of datasets, and a record of each with the date of its change."""
    releases = list(page)
    iri = f"{words.site}/open/"
    open_ones = [one for one in releases if one.is_open]
    properties: list[tuple[str, Value]] = [
        ("dct:title", said(f"{place().title}公共数据开放目录")),
        ("dct:description", said("面向社会开放的公共数据：下载、接口与更新。")),
        ("dct:publisher", _publisher(words)),
        ("foaf:homepage", Node(iri + "#home", ("foaf:Document",))),
        ("dct:language", _typed(f"{_EU}/language/ZHO", "dct:LinguisticSystem")),
        ("dct:modified", instant(max((one.changed_at for one in releases), default=at))),
        ("dcat:themeTaxonomy", _taxonomy()),
        ("dcat:service", Ref(f"{words.site}/api/3/action/")),
        ("dcat:dataset", [Ref(words.dataset(one)) for one in open_ones]),
        ("dcat:record", [Ref(words.dataset(one) + "#record") for one in releases]),
    ]
    if next_page:
        properties.append(("hydra:next", Ref(next_page)))
    yield Node(iri, ("dcat:Catalog",), tuple(properties))
    yield _service(words, open_ones)
    for one in releases:
        yield _record(words, one)
        if one.is_open:
            yield from dataset(words, one)
        else:
            yield tombstone(words, one)


def _publisher(words: Words) -> Node:
    deciding = identity.officers_with("exchange.approve_release")
    if deciding:
        return words.organ(deciding[0].organ)
    return Node(f"{words.site}/#publisher", ("foaf:Agent",), (("foaf:name", said(place().title)),))


def _taxonomy() -> Node:
    title = ("dct:title", Text("Data theme", language="en"))
    return Node(f"{_EU}/data-theme", ("skos:ConceptScheme",), (title,))


def _service(words: Words, releases: Iterable[exchange.ReleaseView]) -> Node:
    return Node(
        f"{words.site}/api/3/action/",
        ("dcat:DataService",),
        (
            ("dct:title", said("开放数据接口（CKAN Action API 3）")),
            ("dcat:endpointURL", Ref(f"{words.site}/api/3/action/")),
            ("dcat:endpointDescription", Ref(f"{words.site}/api/openapi.json")),
            ("dcat:servesDataset", [Ref(words.dataset(one)) for one in releases]),
        ),
    )


def _record(words: Words, one: exchange.ReleaseView) -> Node:
    status = "WITHDRAWN" if one.state == "withdrawn" else "COMPLETED"
    return Node(
        words.dataset(one) + "#record",
        ("dcat:CatalogRecord",),
        (
            ("foaf:primaryTopic", Ref(words.dataset(one))),
            ("dct:issued", instant(one.published_at or one.changed_at)),
            ("dct:modified", instant(one.changed_at)),
            ("dct:title", said(one.title)),
            ("adms:status", words.concept(f"{_EU}/dataset-status/{status}", one.state_title)),
        ),
    )


def tombstone(words: Words, one: exchange.ReleaseView) -> Node:
    """A withdrawn dataset: that it was, and why it is no more; no distribution."""
    return Node(
        words.dataset(one),
        ("dcat:Dataset",),
        (
            ("dct:title", said(one.title)),
            ("dct:description", said(f"已撤下：{one.reason}")),
            ("dct:identifier", Text(one.ident)),
            ("dct:modified", instant(one.changed_at)),
        ),
    )


def dataset(words: Words, one: exchange.ReleaseView) -> Iterator[Node]:
    """A dataset and its distributions."""
    iri = words.dataset(one)
    theme = words.theme(one.theme)
    properties: list[tuple[str, Value]] = [
        ("dct:title", said(one.title)),
        ("dct:description", said(one.description or one.title)),
        ("dct:identifier", Text(one.ident)),
        ("dct:publisher", words.organ(one.organ)),
        ("dcat:contactPoint", _contact(iri, one.contact)),
        ("dcat:keyword", [said(word) for word in one.keywords]),
        ("dcat:theme", [theme] if theme else []),
        ("dct:accessRights", _access(one)),
        ("dct:issued", instant(one.published_at or one.changed_at)),
        ("dct:modified", instant(one.changed_at)),
        ("dct:language", _typed(f"{_EU}/language/ZHO", "dct:LinguisticSystem")),
        ("dct:spatial", _spatial(one)),
        ("dct:accrualPeriodicity", _frequency(one)),
        ("dcat:version", Text(str(one.version))),
        ("dcat:landingPage", Node(iri + "#page", ("foaf:Document",))),
        ("dcat:distribution", [Ref(f"{iri}#{form}") for form in exchange.FORMATS]),
    ]
    yield Node(iri, ("dcat:Dataset",), tuple(properties))
    for form in exchange.FORMATS:
        yield _distribution(words, one, form)


def _distribution(words: Words, one: exchange.ReleaseView, form: str) -> Node:
    address = f"{words.site}/open/{one.name}/data.{form}"
    file = one.files.get(form, {})
    properties: list[tuple[str, Value]] = [
        ("dct:title", said(f"{one.title}（{form.upper()}）")),
        ("dcat:accessURL", Ref(words.dataset(one))),
        ("dct:license", _license(words, one)),
        ("dct:format", _typed(f"{_EU}/file-type/{_FILE_TYPES[form]}", "dct:MediaTypeOrExtent")),
        ("dcat:mediaType", _typed(_IANA + exchange.MEDIA[form], "dct:MediaType")),
        ("dcat:byteSize", [Text(str(file["size"]), type="xsd:nonNegativeInteger")] if file else []),
        ("dct:modified", instant(one.versions[0].made_at if one.versions else one.changed_at)),
        (
            "dcatap:availability",
            words.concept(
                "http://publications.europa.eu/resource/authority/planned-availability/STABLE",
                "稳定",
            ),
        ),
        ("dcat:accessService", Ref(f"{words.site}/api/3/action/")),
    ]
    if one.terms == "unconditional":
        properties.insert(2, ("dcat:downloadURL", Ref(address)))
    return Node(f"{words.dataset(one)}#{form}", ("dcat:Distribution",), tuple(properties))


def _license(words: Words, one: exchange.ReleaseView) -> Node:
    return _typed(f"{words.site}/open/licenses/{one.license}/", "dct:LicenseDocument")


def _contact(iri: str, contact: str) -> Node:
    return Node(
        iri + "#contact", ("vcard:Kind", "vcard:Organization"), (("vcard:fn", said(contact)),)
    )


def _access(one: exchange.ReleaseView) -> Node:
    return _typed(f"{_EU}/access-right/{_ACCESS[one.terms]}", "dct:RightsStatement")


def _spatial(one: exchange.ReleaseView) -> list[Node]:
    if not one.division:
        return []
    code = ("dct:identifier", Text(one.division))
    return [Node("", ("dct:Location",), (code, ("skos:prefLabel", said(place().title))))]


def _frequency(one: exchange.ReleaseView) -> list[Node]:
    name = _FREQUENCIES.get(one.cycle)
    return [_typed(f"{_EU}/frequency/{name}", "dct:Frequency")] if name else []


def _typed(iri: str, kind: str) -> Node:
    return Node(iri, (kind,))
