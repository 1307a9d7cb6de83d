"""Install what packs say about work: flows and kinds of incident, whole or not at all."""

from datetime import datetime

import msgspec
from django.db import transaction

from yiwang.apps.casework import flow
from yiwang.apps.casework.models import FlowVersion, IncidentKind, RoleHolder
from yiwang.apps.journal.public import keep_version, retire_others, version_of
from yiwang.packkit import Library
from yiwang.packkit.kinds.incidents import Incident
from yiwang.packkit.kinds.work import Flow


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store a place's flows, incident kinds and who holds which role; returns new flow versions.

    A flow that changed becomes a new version; running cases keep theirs. A flow or kind that is
    gone takes no new cases.
    """
    flows = library.flows()
    for ref, content in flows.items():
        if wrong := flow.check(content):
            raise flow.FlowBroken(
                f"流程 {ref} 不能安装：{''.join(wrong)}", hint="修改流程文件后重新安装。", flow=ref
            )
    retire_others(FlowVersion, flows)
    prefix = library.place.number_prefix
    new = sum(_install_flow(ref, one, prefix=prefix, at=at) for ref, one in flows.items())
    kinds = library.incidents()
    IncidentKind.objects.exclude(ref__in=kinds).delete()
    for ref, kind in kinds.items():
        _install_kind(ref, kind, flows=flows, at=at)
    RoleHolder.objects.all().delete()
    RoleHolder.objects.bulk_create(
        RoleHolder(organ=organ, role=role)
        for organ, content in library.place.organs.items()
        for role in {role for roles in content.roles.values() for role in roles}
    )
    return new


def _install_flow(ref: str, content: Flow, *, prefix: str, at: datetime) -> bool:
    return keep_version(
        FlowVersion,
        ref=ref,
        version=version_of(content),
        content=content,
        at=at,
        beside={"title": content.title},
        follows={"number_prefix": prefix},
    )


def _install_kind(ref: str, kind: Incident, *, flows: dict[str, Flow], at: datetime) -> None:
    if kind.flow not in flows or flows[kind.flow].profile != "incident":
        raise flow.FlowBroken(
            f"事件类型 {ref} 的流程 {kind.flow} 不存在，或不是事件流程。",
            hint="在 flows/ 中增加 profile: incident 的流程，并写对名称。",
            kind=ref,
        )
    IncidentKind.objects.update_or_create(
        ref=ref,
        defaults={
            "title": kind.title,
            "content": msgspec.to_builtins(kind),
            "flow": kind.flow,
            "installed_at": at,
        },
    )
