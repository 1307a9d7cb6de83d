"""Forms as they are in force, and what their code tables offer."""

import msgspec

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms.models import FormVersion
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.work import Form


class FormUnknown(NotFound):
    """No form of this name is installed."""

    code = "forms.form_unknown"


def form(ref: str) -> Form:
    """The form in force."""
    row = FormVersion.objects.filter(ref=ref, is_current=True).first()
    if row is None:
        raise FormUnknown(f"没有表单 {ref}。", hint="先安装场景包。", form=ref)
    return msgspec.convert(row.content, Form)


def options(codes: str) -> list[tuple[str, str]]:
    """The entries of a code table as a form offers them: code and title."""
    return [
        (str(one["code"]), str(one.get("title") or one.get("name") or one["code"]))
        for one in catalog.entries(codes)
    ]
