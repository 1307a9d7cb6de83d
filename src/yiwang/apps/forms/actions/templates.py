"""An organ's own spreadsheet becomes a draft: its heads are the columns, known ones are taken."""

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import place
from yiwang.apps.forms.actions.designing import MOST_SENSITIVE, draft_report
from yiwang.apps.forms.looks import TURN, WHOSE, plain_head
from yiwang.apps.forms.models import Report
from yiwang.apps.forms.overlap import nearest, plain
from yiwang.apps.forms.reporting import DIVISION, sums_up
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid
from yiwang.lake import header_paths
from yiwang.packkit.kinds.reports import ReportField
from yiwang.packkit.kinds.shared import Type

LARGEST = 8 * 1024 * 1024
_WORDS = ("备注", "说明", "姓名", "名称", "地址", "联系人", "电话", "日期", "时间")
"""Heads of columns that hold words rather than counts."""


class TemplateTooLarge(Invalid):
    """No template is that large."""

    code = "forms.template_too_large"


def import_template(
    *,
    name: str,
    content: bytes,
    title: str,
    period: str,
    officer: identity.Officer,
    at: datetime,
) -> str:
    """导入模板: a draft with the columns of a spreadsheet; returns its number.

    What a column asks is taken from the catalogue where a table of divisions knows it. Columns
    that say whose line it is are left out: every line is a division's.
    """
    identity.require(officer, "forms.design")
    if len(content) > LARGEST:
        raise TemplateTooLarge("模板超过 8 MB。", hint="只留表头再导入。", size=len(content))
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"template{Path(name).suffix.lower() or '.xlsx'}"
        file.write_bytes(content)
        paths = header_paths(file, work=Path(folder))
    fields = [_field(path) for path in paths if plain_head(path[-1]) not in WHOSE | TURN]
    ref = draft_report(
        title=title or Path(name).stem,
        period=period,
        fields=with_known(fields, at=at),
        officer=officer,
        at=at,
        origin="workbook",
    )
    if zipfile.is_zipfile(BytesIO(content)):
        Report.objects.filter(ref=ref).update(template=content)  # handed out filled, as it looks
    return ref


def with_known(fields: list[ReportField], *, at: datetime) -> list[ReportField]:
    """The columns, those that the catalogue knows taken from it."""
    words = place.words()
    least = place.parameter(place.ALIKE, on=local_date(at))
    columns = {
        one.path: one for one in catalog.columns_keyed_by(DIVISION) if one.grade <= MOST_SENSITIVE
    }
    known = {path: plain(one.title, words) for path, one in columns.items()}
    taken = []
    for field in fields:
        path = nearest(field.title, known, words=words, least=least)
        taken.append(
            ReportField(
                title=field.title,
                group=field.group,
                type=cast(Type, columns[path].type),
                prefill=path,
                total="sum" if sums_up(columns[path].title, columns[path].type) else "none",
            )
            if path
            else field
        )
    return taken


def _field(path: tuple[str, ...]) -> ReportField:
    *above, title = path
    is_text = any(word in title for word in _WORDS)
    is_share = not is_text and not sums_up(title, "decimal")
    return ReportField(
        title=title[:60],
        group="/".join(above)[:60],
        type="text" if is_text else "decimal" if is_share or "万元" in title else "integer",
        total="none" if is_text or is_share else "sum",
        required=not is_text,
    )
