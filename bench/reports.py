"""A round of 1,000 villages added up to its townships: what the bar asks (2 s)."""

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

VILLAGES, COLUMNS, TIMES = 1_000, 20, 5
NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def run() -> Iterator[str]:
    """Read, added up and put in order, five times; the slowest counts."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-reports-") as home:
        os.environ.update(
            YIWANG_HOME=home, YIWANG_PLACE="luoyang", DJANGO_SETTINGS_MODULE="yiwang.boot.settings"
        )
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        number, officer = _filled()
        from yiwang.apps.forms import public as forms

        forms.report_round(number, actor=officer)  # reads the packs once
        seconds, busy = [], []
        for _ in range(TIMES):
            began, cpu = time.perf_counter(), time.process_time()
            shown = forms.report_round(number, actor=officer)
            seconds.append(time.perf_counter() - began)
            busy.append(time.process_time() - cpu)
        assert shown.whole.rows == VILLAGES
        assert shown.whole.values["f1"] == sum(range(VILLAGES))
        yield (
            f"{VILLAGES:,} villages × {COLUMNS} columns into {len(shown.totals)} divisions: "
            f"{max(seconds):.2f} s (CPU {max(busy):.2f} s; bar 2 s)"
        )


def _filled():  # type: ignore[no-untyped-def]
    from yiwang.apps.forms import place
    from yiwang.apps.forms.models import Report, ReportRound, ReportRow
    from yiwang.apps.identity import public as identity

    columns = {f"f{n}": {"title": f"栏目{n}"} for n in range(1, COLUMNS + 1)}
    content = {
        "title": "测算", "organ": "data-bureau", "period": "month", "limit": "5wd", "basis": "x",
        "fields": columns,
    }  # fmt: skip
    report = Report.objects.create(
        ref="bench", title="测算", organ="data-bureau", period="month", content=content,
        state="issued", created_at=NINE, created_by="bench", issued_at=NINE,
    )  # fmt: skip
    held = ReportRound.objects.create(
        report=report, label="2026-11", content=content, opened_at=NINE,
        due_at=NINE + timedelta(days=7),
    )  # fmt: skip
    codes = [one.code for one in place.reporting_divisions(0)][:VILLAGES]
    ReportRow.objects.bulk_create(
        ReportRow(
            round=held, division=code, known=dict.fromkeys(columns, n), asked=0, filled_at=NINE,
            filled_by="bench",
        )
        for n, code in enumerate(codes)
    )  # fmt: skip
    officer = identity.Officer(
        username="bench", name="bench", organ="data-bureau", rights=frozenset({"forms.watch"})
    )
    return held.pk, officer
