"""The applicant's form: fill in what is known about one person, check what is answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yiwang.apps.forms import answers as checking
from yiwang.apps.forms.answers import Known
from yiwang.apps.forms.queries.forms import form, options
from yiwang.apps.identity import public as identity
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.clock import local_date
from yiwang.packkit.kinds.work import Form


def prefill(ref: str, *, subject: str, actor: identity.Actor, at: datetime) -> dict[str, Known]:
    """What is known for a form's fields, with its source; nothing that the actor may not see clear.

    The file is read for the form's purpose and the reading is on record (``subjects``).
    """
    content = form(ref)
    if not any(field.prefill for field in content.fields.values()):
        return {}
    try:
        file = subjects.person_file(
            id_number=subject, actor=actor, purpose=content.title, case="", at=at
        )
    except subjects.SubjectUnknown:
        return {}
    return known_in(content, file=file, at=at)


def known_in(content: Form, *, file: subjects.PersonFile, at: datetime) -> dict[str, Known]:
    """What a file that was opened already knows for a form's fields.

    Masked values are not known; a value that fails its field's check is asked for instead, since
    the applicant could not mend it.
    """
    wanted = {name: field.prefill for name, field in content.fields.items() if field.prefill}
    held: dict[str, Known] = {}
    for section in file.sections:
        for field in section.rows[0] if section.rows else ():
            if field.value is not None and not field.is_masked:
                held[f"{section.table}.{field.name}"] = Known(
                    field.code or field.value,
                    section.table,
                    f"{section.owner_title}·{section.title}",
                    section.snapshot,
                    str(field.value) if field.code else "",
                )
    known = {name: held[path] for name, path in wanted.items() if path in held}
    return checking.fitting(content, known, as_of=local_date(at))


def check_answers(
    ref: str, *, answers: Mapping[str, Any], subject: str, actor: identity.Actor, at: datetime
) -> dict[str, Any]:
    """The values of a filled form, or ``AnswersRefused`` with the reason at each field.

    Known values are read again here, so what the client sends for them counts for nothing.
    """
    known = prefill(ref, subject=subject, actor=actor, at=at)
    return check_known(form(ref), answers=answers, known=known, at=at)


def check_known(
    content: Form, *, answers: Mapping[str, Any], known: Mapping[str, Known], at: datetime
) -> dict[str, Any]:
    """``check_answers`` for who read the known values just now."""
    codes = {
        field.codes: dict(options(field.codes))
        for name, field in content.fields.items()
        if field.codes and name not in known
    }
    return checking.check(content, answers, known=known, as_of=local_date(at), codes=codes)
