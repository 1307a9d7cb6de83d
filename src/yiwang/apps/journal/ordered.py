"""A column for definitions: JSON whose objects keep the order of their keys."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models


class OrderedJSONField(models.JSONField):
    """A JSON column that gives back the keys in the order in which they were written.

    PostgreSQL's ``jsonb`` sorts keys by length, so the fields of a form, the steps of a flow or
    the columns of a report would change places. The text is kept as one JSON string, which
    ``jsonb`` leaves alone; what was kept as an object before is still read. Nothing inside can be
    asked for in a query (``content__title``).
    """

    if TYPE_CHECKING:  # of an instance it is the value

        def __get__(self, instance: object, owner: object) -> Any: ...

        def __set__(self, instance: object, value: object) -> None: ...

    def get_prep_value(self, value: Any) -> str | None:
        """The text to be kept."""
        return (
            None if value is None else json.dumps(super().get_prep_value(value), ensure_ascii=False)
        )

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """The value as it was given."""
        found = super().from_db_value(value, expression, connection)
        return json.loads(found) if isinstance(found, str) else found
