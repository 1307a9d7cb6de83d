"""The one expression language: for a population, for stored rows, for one subject.

Text is parsed to a typed tree against an allow-list (``parse``), and the tree becomes SQL
(``to_sql``) or a closure with reasons (``compile``); ``RuleSet`` judges with dated values and their
legal basis. Nothing here runs a query or remembers anything.
"""

from yiwang.rules.closures import Answer, compile, valued  # noqa: A004 - the door's word
from yiwang.rules.dated import (
    DatedValue,
    InForce,
    Parameter,
    ParameterRefused,
    Value,
    ValueNotGiven,
    ValueNotInForce,
    dated_value,
)
from yiwang.rules.deriving import DerivedInCycle
from yiwang.rules.dialects import Dialect, to_sql
from yiwang.rules.judging import Verdict
from yiwang.rules.population import PopulationRefused, judgements, spelled
from yiwang.rules.reading import Expression, parse
from yiwang.rules.reasons import Reason
from yiwang.rules.refusals import ExpressionRefused
from yiwang.rules.rule_parts import Condition, DecisionRow
from yiwang.rules.rule_set import RuleSet, RuleSetRefused
from yiwang.rules.tree import Type
from yiwang.rules.values import read_value

__all__ = [
    "Answer",
    "Condition",
    "DatedValue",
    "DecisionRow",
    "DerivedInCycle",
    "Dialect",
    "Expression",
    "ExpressionRefused",
    "InForce",
    "Parameter",
    "ParameterRefused",
    "PopulationRefused",
    "Reason",
    "RuleSet",
    "RuleSetRefused",
    "Type",
    "Value",
    "ValueNotGiven",
    "ValueNotInForce",
    "Verdict",
    "compile",
    "dated_value",
    "judgements",
    "parse",
    "read_value",
    "spelled",
    "to_sql",
    "valued",
]
