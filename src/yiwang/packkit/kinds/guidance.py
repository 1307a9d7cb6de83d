"""Kinds about what is written down for people: policy documents, questions and their answers."""

from datetime import date

from yiwang.packkit.kinds.shared import Kind


class Document(Kind, frozen=True, kw_only=True):
    """documents/: a policy document, clause by clause, with its validity and relations."""

    title: str
    number: str = ""
    """文号, as printed on the document."""
    organ: str
    """The issuing organ."""
    topic: str = ""
    issued_on: date
    active_from: date
    active_until: date | None = None
    """Exclusive; none: in force until it is repealed."""
    repeals: tuple[str, ...] = ()
    amends: tuple[str, ...] = ()
    implements: tuple[str, ...] = ()
    based_on: tuple[str, ...] = ()
    """``pack.document``, or the title of a document outside the packs."""
    clauses: dict[str, str]
    """Clause id to its full text, in order; the id is its address."""
    version: str = "1"
    example: bool = False


class Answer(Kind, frozen=True, kw_only=True):
    """answers/: a question people ask, its answer, the clauses it stands on, and who answers."""

    question: str
    also: tuple[str, ...] = ()
    """Other ways in which people ask it."""
    answer: str
    owner: str
    """The organ that keeps it right."""
    review_on: date
    """The day by which its owner looks at it again."""
    document: str
    """``pack.document``"""
    clauses: tuple[str, ...]
