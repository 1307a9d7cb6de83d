"""Install forms, fill in what is known, check what is answered."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import answers as checking
from yiwang.apps.forms.answers import Known
from yiwang.apps.forms.models import FormVersion
from yiwang.apps.identity import public as identity
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotFound
from yiwang.packkit import Library
from yiwang.packkit.kinds.work import Form


class FormUnknown(NotFound):
    """No form of this name is installed."""

    code = "forms.form_unknown"


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store the forms of a place; returns how many versions are new."""
    forms, new = library.forms(), 0
    FormVersion.objects.exclude(ref__in=forms).update(is_current=False)
    for ref, content in forms.items():
        packed = msgspec.json.encode(content, order="sorted")
        version = hashlib.sha256(packed).hexdigest()[:16]
        current = FormVersion.objects.filter(ref=ref, is_current=True)
        if current.filter(version=version).exists():
            continue
        current.update(is_current=False)
        _, is_new = FormVersion.objects.update_or_create(
            ref=ref,
            version=version,
            defaults={"is_current": True},
            create_defaults={
                "title": content.title,
                "content": msgspec.to_builtins(content),
                "installed_at": at,
            },
        )
        new += is_new
    return new


def form(ref: str) -> Form:
    """The form in force."""
    row = FormVersion.objects.filter(ref=ref, is_current=True).first()
    if row is None:
        raise FormUnknown(f"没有表单 {ref}。", hint="先安装场景包。", form=ref)
    return msgspec.convert(row.content, Form)


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


def options(codes: str) -> list[tuple[str, str]]:
    """The entries of a code table as a form offers them: code and title."""
    return [
        (str(one["code"]), str(one.get("title") or one.get("name") or one["code"]))
        for one in catalog.entries(codes)
    ]
