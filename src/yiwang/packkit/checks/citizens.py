"""Codes and ratings: whom they name exists, their limits are times, their numbers make sense."""

from yiwang.packkit.checks import work
from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.citizens import Code, RatingScheme


def look(looking: Looking) -> None:
    """codes/ and ratings/."""
    for name, code in looking.pack.codes.items():
        _code(looking, f"codes/{name}.yaml", code)
    for name, scheme in looking.pack.ratings.items():
        _scheme(looking, f"ratings/{name}.yaml", scheme)


def _code(looking: Looking, path: str, code: Code) -> None:
    looking.limit(code.lasts, "码的有效", path, "lasts")
    looking.basis(code.basis, path, "basis")
    if not code.lasts.endswith("m"):
        looking.tell("码只能用几分钟", "写 lasts: 1m 至 10m", path, "lasts")
    if not code.shows and not code.licenses:
        looking.tell("出示后什么也不说明", "写 shows 或 licenses", path)
    for number, ref in enumerate(code.licenses):
        kind = looking.ref(("licenses",), ref, path, "licenses", number)
        if kind is not None and kind.holder != code.holder:
            looking.tell(
                f"证照“{ref}”的持有人与本码不同", f"写 holder: {kind.holder}", path, "holder"
            )


def _scheme(looking: Looking, path: str, scheme: RatingScheme) -> None:
    looking.basis(scheme.basis, path, "basis")
    looking.limit(scheme.default_after, "默认评价", path, "default_after")
    looking.limit(scheme.within, "统计", path, "within")
    flow = looking.ref(("flows",), scheme.rectification, path, "rectification")
    if flow is not None:
        work.parties(looking, flow, scheme.parties, path)
    if not 1 <= scheme.bad <= 4:
        looking.tell("差评的最高分要在 1 到 4 之间", "写 bad: 2", path, "bad")
    for key in ("most_per_device", "most_per_hand", "few"):
        if getattr(scheme, key) < 1:
            looking.tell(f"{key} 要是正数", f"写 {key}: 5", path, key)
