"""Verify a licence by its token or number."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.credentials import keys, record
from yiwang.apps.credentials.actions.uses import PUBLIC, write_down
from yiwang.apps.credentials.models import License
from yiwang.apps.credentials.queries import Verification, find_license, verification
from yiwang.apps.identity import public as identity
from yiwang.kernel import ids


@transaction.atomic
def verify(
    token_or_number: str,
    *,
    verifier: identity.Actor | str = PUBLIC,
    at: datetime,
    purpose: str = "",
) -> Verification:
    """核验: whether a licence holds now. With a token, also what it says, masked.

    By number alone only kind and state are told. Each verification is shown to the holder.
    """
    text = token_or_number.strip()
    row, is_token = _presented(text)
    found = verification(row, at=at, with_fields=is_token)
    write_down(row, "verified", verifier, at=at, result=found.state, reason=purpose)
    return found


def _presented(text: str) -> tuple[License, bool]:
    """The licence that a token or number names; a token's signature is checked first."""
    if "." not in text:
        return find_license(ids.check_number(text)), False
    read = record.read_token(text)
    row = License.objects.select_related("kind").filter(number=read.number).first()
    message = record.token_message(read.number, row.digest if row else "")
    if row is None or not keys.is_signed(row.key, message, read.signature):
        raise record.TokenAltered(
            "二维码签名不符：不是本机构颁发，或内容已被改动。",
            hint="请勿据此办理；让持有人重新出示，或改用证照编号核验。",
        )
    return row, True
