"""推送目标: consumers' own databases, bound in ``targets.yaml`` of the data folder, in no pack.

```yaml
civil-affairs-intake:
  organ: civil-affairs
  kind: postgres
  url: postgresql://yiwang:…@10.0.0.5:5432/intake
```
"""

from dataclasses import dataclass
from pathlib import Path

import yaml
from django.conf import settings

from yiwang.kernel.errors import NotFound
from yiwang.lake import Source


class TargetUnknown(NotFound):
    """No target of this name is bound for this organ."""

    code = "exchange.target_unknown"


@dataclass(frozen=True)
class Target:
    """A database that takes pushes: its name, the organ it belongs to, where it is."""

    name: str
    organ: str
    kind: str
    binding: Source


def targets(organ: str) -> dict[str, Target]:
    """The databases of an organ that take pushes, by name."""
    file = Path(settings.HOME) / "targets.yaml"
    bound = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {
        name: Target(name, organ, entry["kind"], Source.of(entry, home=Path(settings.HOME)))
        for name, entry in (bound or {}).items()
        if entry.get("organ") == organ and entry.get("kind") in ("postgres", "mariadb")
    }


def target(name: str, *, organ: str) -> Target:
    """One target of an organ, or ``TargetUnknown``."""
    found = targets(organ).get(name)
    if found is None:
        raise TargetUnknown(
            f"本机构没有名为“{name[:60]}”的推送目标。",
            hint="请由管理员在数据目录的 targets.yaml 中写明机构、种类和地址。",
        )
    return found
