"""A policy with everything it is judged by: one value to store and to judge with again."""

from functools import cached_property
from typing import Any

import msgspec

from yiwang.apps.journal.public import version_of
from yiwang.apps.services.models import PolicyVersion
from yiwang.packkit import Shelf
from yiwang.packkit.converting import expressions_of, named_code_tables, rule_set
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.kinds.work import License, Policy, Rules
from yiwang.rules import RuleSet


class FrozenPolicy(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A policy, its rules with the place's values, and the shape of the table they read."""

    ref: str
    policy: Policy
    rules: Rules
    columns: dict[str, Type]
    titles: dict[str, str]
    codes: dict[str, list[str]]
    bases: dict[str, str] = {}
    """Legal basis to its title and number."""
    license: License | None = None

    @classmethod
    def of(cls, ref: str, library: Shelf) -> "FrozenPolicy":
        """The policy as the library says it now."""
        policy = library.policy(ref)
        rules = library.rule(policy.rules)
        built = library.rule_set(policy.rules)
        named = named_code_tables(*expressions_of(rules))
        return cls(
            ref=ref,
            policy=policy,
            rules=rules,
            columns=msgspec.convert(dict(built.columns), dict[str, Type]),
            titles=dict(built.titles),
            codes={name: sorted(library.codes(name)) for name in sorted(named)},
            bases=bases_of(library, policy.rules),
            license=library.licenses()[policy.license] if policy.license else None,
        )

    @cached_property
    def version(self) -> str:
        """Changes whenever anything that could change a verdict changes."""
        return version_of(self)

    @property
    def table(self) -> str:
        """The table that is judged, one row per subject."""
        return self.rules.table

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns a candidate keeps: who, where, and what the record of the decision says."""
        wanted = [self.policy.subject, self.policy.division]
        wanted += list(self.license.fields) if self.license else []
        kept = [name for name in wanted if name in self.columns and name not in self.rules.outputs]
        return tuple(dict.fromkeys(kept))

    @property
    def money(self) -> str:
        """The output that is an amount of money, or ""."""
        return next((name for name, kind in self.rules.outputs.items() if kind == "decimal"), "")

    def rule_set(self) -> RuleSet:
        """The rules, ready to judge."""
        return self._ready

    @cached_property
    def _ready(self) -> RuleSet:
        return rule_set(
            self.policy.rules,
            self.rules,
            columns=self.columns,
            titles=self.titles,
            codes={name: frozenset(values) for name, values in self.codes.items()},
        )

    def title_of(self, name: str) -> str:
        """What a column or output is called."""
        if self.license and name in self.license.fields:
            return self.license.fields[name].title
        return self.titles.get(name, name)


def bases_of(library: Shelf, ref: str) -> dict[str, str]:
    """The legal bases of the pack that a thing stands in, as people cite them."""
    cited = library.packs[ref.split(".")[0]].manifest.basis
    return {one.id: f"{one.title}{one.number}{one.clause}" for one in cited}


def thaw(content: dict[str, Any]) -> FrozenPolicy:
    """The stored value again."""
    return msgspec.convert(content, FrozenPolicy)


MOST_THAWED = 500
_thawed: dict[tuple[str, str], FrozenPolicy] = {}


def frozen_of(row: PolicyVersion) -> FrozenPolicy:
    """A stored version as a value; read and parsed once per process, for it never changes."""
    key = (row.ref, row.version)
    if key not in _thawed:
        if len(_thawed) >= MOST_THAWED:
            _thawed.clear()
        _thawed[key] = thaw(row.content)
    return _thawed[key]
