"""The form of an item as any face reads it: answers, promises, files; and what sources are called.

``parts/application.html`` draws it.
"""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

SOURCES = {
    "license": _("电子证照，免提交"),
    "shared": _("部门共享数据，免提交"),
    "commitment": _("告知承诺"),
    "upload": _("申请人上传"),
    "office": _("由承办单位核实"),
    "not_needed": _("本次不需要"),
}
ANSWER, MATERIAL = "answer-", "material-"
LONGEST = 8 * 1024 * 1024
"""A file is read only up to one byte over this; casework says why it is refused."""


def given_parts(
    request: HttpRequest,
) -> tuple[dict[str, str], frozenset[str], dict[str, tuple[str, bytes]]]:
    """Answers by field, materials promised, and files by material with their sender's name."""
    answers = {
        name.removeprefix(ANSWER): str(value)
        for name, value in request.POST.items()
        if name.startswith(ANSWER)
    }
    agreed = frozenset(
        name.removeprefix(MATERIAL) for name in request.POST if name.startswith(MATERIAL)
    )
    files = {
        name.removeprefix(MATERIAL): (str(file.name), file.read(LONGEST + 1))
        for name, file in request.FILES.items()
        if name.startswith(MATERIAL)
    }
    return answers, agreed, files
