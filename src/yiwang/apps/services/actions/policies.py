"""Open confirmations: each entitled candidate is confirmed in a case, where they live."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.models import Application, Candidate, Confirmation
from yiwang.apps.services.queries import find_run


@transaction.atomic
def open_confirmations(run: int, *, officer: identity.Officer, at: datetime) -> list[str]:
    """认定: open one case for each entitled candidate who has none, where they live.

    Returns the numbers of the new cases; run again, it opens nothing twice.
    """
    row = find_run(run)
    identity.require(officer, "services.run", organ=row.policy.organ)
    frozen = frozen_of(row.policy)
    live = Confirmation.objects.filter(policy=frozen.ref, state__in=["waiting", "granted"])
    known = set(live.values_list("subject", flat=True)) | _applying(frozen.policy.license)
    wanted = [
        one for one in row.candidates.filter(verdict="yes", confirmed=None).order_by("id")
        if one.subject not in known and (one.division or not frozen.policy.division)
    ]  # fmt: skip
    numbers = casework.open_cases(
        flow=frozen.policy.flow,
        cases=[_new_case(one, frozen) for one in wanted],
        actor=officer,
        at=at,
    )
    Confirmation.objects.bulk_create(
        [
            Confirmation(policy=frozen.ref, subject=one.subject, candidate=one, case=number)
            for one, number in zip(wanted, numbers, strict=True)
        ],
        batch_size=1000,
    )
    return numbers


def _applying(kind: str) -> set[str]:
    """Who asked for the same licence, and waits for it or was granted it."""
    if not kind:
        return set()
    rows = Application.objects.filter(license=kind, state__in=["waiting", "granted"])
    return set(rows.values_list("subject", flat=True))


def _new_case(one: Candidate, frozen: FrozenPolicy) -> casework.NewCase:
    known = {**one.values, **one.outputs}
    facts = {
        frozen.title_of(name): value
        for name, value in known.items()
        if value is not None and name != frozen.policy.division
    }
    return casework.NewCase(
        subject=one.subject,
        title=f"{frozen.policy.title}认定",
        organ=frozen.policy.organ,
        division=one.division,
        facts=facts,
    )
