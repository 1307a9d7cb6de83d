"""Files on their way out: begun when the call is on record, watched while they run, closed once.

A grant that is withdrawn, a client that goes away or a disk that fails breaks the file off: it has
no end that a reader would take for one, and the record says how many rows and bytes had left.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.answering import settle
from yiwang.apps.exchange.drafts import Draft
from yiwang.apps.exchange.fetching import selected
from yiwang.apps.exchange.gate import COMPARED
from yiwang.apps.exchange.models import CallRecord, Grant
from yiwang.apps.exchange.watermark import Mark, mark_of, quoted
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Unavailable
from yiwang.lake import Export, Mask

CHECK_EVERY = 0.5
"""Seconds after which a running file asks again whether its grant stands."""


class StreamBroken(Unavailable):
    """A file was broken off: its grant was withdrawn while it ran."""

    code = "exchange.stream_broken"


@dataclass
class Stream:
    """One file. ``parts`` are its bytes; ``end`` is called exactly once, whatever happened."""

    draft: Draft
    format: str
    snapshot: str
    export: Export
    mark: Mark
    rows: int = 0
    size: int = 0
    _checked: float = field(default_factory=time.monotonic)

    def parts(self) -> Iterator[bytes]:
        """The bytes, in order; ``StreamBroken`` when the grant ends before they do."""
        for part in catalog.lake().export(self.export):
            if time.monotonic() - self._checked > CHECK_EVERY:
                self._demand_in_force()
            content = part.content
            if self.format == "csv" and part.rows:
                content = quoted(content, self.mark, first=self.rows)
            self.rows += part.rows
            self.size += len(content)
            if content:
                yield content

    def _demand_in_force(self) -> None:
        held, self._checked = self.draft.held, time.monotonic()
        assert held is not None
        found = Grant.objects.filter(pk=held.grant_id, version=held.terms.version)
        if not found.exists():
            raise StreamBroken(
                f"授权 {held.terms.number} 在传输中被变更或撤回，文件已中断。",
                hint="已收到的部分不完整，请删除；如仍需要，请核对授权后重取。",
                call=self.draft.number,
            )

    def end(self, *, at: datetime, fault: str = "") -> None:
        """Put on record what left; ``fault`` says why it broke off."""
        held = self.draft.held
        assert held is not None
        changed = {"rows": self.rows, "bytes_out": self.size, "ended_at": at, "fault": fault[:40]}
        if fault:
            changed["code"] = "broken"
        changed["micros"] = min(int((at - self.draft.at).total_seconds() * 1e6), 2**31 - 1)
        CallRecord.objects.filter(number=self.draft.number).update(**changed)
        journal.append([
            journal.Entry(
                at=at,
                event="gate.broken" if fault else "gate.delivered",
                subject=held.terms.table,
                actor=f"{held.terms.organ}/{held.shown}",
                purpose=held.terms.purpose,
                case=self.draft.call.case[:64],
                facts={
                    "call": self.draft.number,
                    "grant": held.terms.number,
                    "table": held.terms.table,
                    "rows": self.rows,
                    "bytes": self.size,
                    "fault": fault,
                },
            )
        ])  # fmt: skip


def open_stream(draft: Draft, form: str) -> Stream:
    """Put a call for a file on record and open the file; ``CallRefused`` if it is refused."""
    settle([draft])
    answer, held = draft.answer(), draft.held
    assert held is not None
    mark = mark_of(draft.number)
    lake = catalog.lake()
    snapshot = lake.snapshots(held.terms.table)[-1].id
    about = {
        "call": answer.call, "receipt": answer.receipt, "table": answer.table,
        "grant": answer.grant, "columns": answer.columns, "masked": answer.masked,
        "watermark": mark.told, "snapshot": snapshot,
    }  # fmt: skip
    hidden = next((n for n in answer.masked if held.types.get(n) in ("text", "json")), "")
    export = Export(
        selection=selected(draft, held, all_rows=True),
        format=form,  # type: ignore[arg-type] # the face knows the four
        masks={
            name: Mask(term.element, term.grade, mark.hidden if name == hidden else "")
            for name, term in held.masks.items()
            if name in answer.columns
        },
        told={"yiwang.watermark": mark.told, "yiwang.call": answer.call,
              "yiwang.snapshot": snapshot},
        head=msgspec.json.encode(about)[:-1] + b',"rows":[',
        tail=b"]}",
        since=draft.call.since if draft.call.form in COMPARED else "",
        key=catalog.dataset(held.terms.table).key,
    )  # fmt: skip
    return Stream(draft, form, snapshot, export, mark)
