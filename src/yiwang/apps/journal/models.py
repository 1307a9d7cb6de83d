"""What the journal keeps in the operational database: acts on their way into the log."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, models


class Outbox(models.Model):
    """待封存留痕: an entry recorded in the transaction of its act, not yet sealed into a block."""

    id = models.CharField("留痕编号", max_length=26, primary_key=True)
    at = models.DateTimeField("时间")
    event = models.CharField("事件", max_length=80)
    subject = models.CharField("对象", max_length=200, blank=True)
    actor = models.CharField("行为人", max_length=120, blank=True)
    body = models.BinaryField("内容")

    class Meta:
        db_table = "journal_outbox"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subject", "id"], name="journal_outbox_subject"),
            models.Index(fields=["event", "id"], name="journal_outbox_event"),
        ]

    @classmethod
    def insert(cls, rows: Iterable[tuple[str, datetime, str, str, str, bytes]]) -> None:
        """Insert (id, at, event, subject, actor, body) in one statement."""
        moments: dict[datetime, object] = {}
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO journal_outbox (id, at, event, subject, actor, body) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                [(id_, moments.setdefault(at, _moment(at)), *rest) for id_, at, *rest in rows],
            )

    def __str__(self) -> str:
        return f"{self.id} {self.event}"


def _moment(at: datetime) -> object:
    return Outbox._meta.get_field("at").get_db_prep_save(at, connection)
