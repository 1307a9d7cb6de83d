"""Run a pack's own tests: given rows, expected rows, verdicts and alerts, as a clerk wrote them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from yiwang import lake, rules
from yiwang.kernel.errors import YiwangError
from yiwang.packkit.alerting import Held, step
from yiwang.packkit.cells import typed
from yiwang.packkit.form_trials import filled
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.kinds.sight import Alert
from yiwang.packkit.kinds.trial import (
    ExpectedAlert,
    ExpectedVerdict,
    ExpectedVerdicts,
    Row,
    Trial,
)
from yiwang.packkit.queries import QueryRefused, parse_query
from yiwang.packkit.reading import Pack
from yiwang.packkit.shelf import Shelf
from yiwang.packkit.watching import Look, Recall, Watch, device_row, reduced, watch_of

Given = dict[str, tuple[Mapping[str, Type], list[dict[str, Any]]]]
Seen = dict[tuple[str, str], list[tuple[datetime, float]]]
"""(device, stream) → its readings in order."""


@dataclass(frozen=True)
class Outcome:
    """How one test of a pack came out; no failure means that all was as expected."""

    pack: str
    id: str
    title: str
    failures: tuple[str, ...] = ()


def run_trials(pack: Pack, shelf: Shelf) -> list[Outcome]:
    """Every test of a pack, among the packs of a place."""
    return [run_trial(pack.id, name, trial, shelf) for name, trial in pack.tests.items()]


def run_trial(pack: str, name: str, trial: Trial, shelf: Shelf) -> Outcome:
    """One test; an error of the engine or of the test's own writing is a failure too."""
    try:
        failures = tuple(_Running(trial, shelf).failures())
    except YiwangError as error:
        failures = (str(error),)
    except QueryRefused as refusal:
        failures = (f"{refusal.what}（{refusal.write}）",)
    return Outcome(pack, name, trial.title, failures)


class _Running:
    """One test being run; computed tables are kept for those that read them."""

    def __init__(self, trial: Trial, shelf: Shelf) -> None:
        self.trial = trial
        self.shelf = shelf
        self.given: Given = {}
        for table, rows in trial.given.items():
            columns = shelf.derived.columns(table)
            self.given[table] = (columns, [_read(row, columns, table) for row in rows])

    def failures(self) -> Iterator[str]:
        for ref, rows in self.trial.expect.items():
            yield from self.compare(ref, rows)
        for expected in self.trial.verdicts:
            yield from self.judge(expected)
        for alert in self.trial.alerts:
            yield from self.watch(alert)
        for form in self.trial.forms:
            yield from filled(form, self.shelf, as_of=self.trial.as_of)

    def rows(self, table: str) -> tuple[Mapping[str, Type], list[dict[str, Any]]]:
        """The rows of a table: given, a register's own, computed, or none."""
        if table not in self.given:
            columns = self.shelf.derived.columns(table)
            if table in self.shelf.registers():
                found = [dict(entry) for entry in self.shelf.entries(table)]
            elif table in self.shelf.queries():
                found = self.made(table)
            else:
                found = []
            self.given[table] = (columns, found)
        return self.given[table]

    def made(self, table: str) -> list[dict[str, Any]]:
        """A computed table; what is remembered was seen first on the day of the test."""
        query = self.shelf.derived.queries[table]
        found = lake.try_sql(
            self.shelf.queries()[table], {name: self.rows(name) for name in query.reads}
        )
        if self.shelf.table_contract(table).remembers:
            seen = datetime.fromisoformat(f"{self.trial.as_of}T00:00:00+00:00")
            return [{**row, "seen_from": seen, "seen_until": None} for row in found]
        return found

    def run(self, sql: str) -> list[dict[str, Any]]:
        reads = parse_query(sql).reads
        return lake.try_sql(sql, {table: self.rows(table) for table in reads})

    def compare(self, ref: str, expected: tuple[Row, ...]) -> Iterator[str]:
        if ref in self.shelf.queries():
            table = self.shelf.table(ref)
            columns, key = self.shelf.derived.columns(ref), table.key
            got = self.made(ref)
        else:
            got, key = self.run(self.counted(ref)), ()
            columns = _kinds(got)
        wanted = [_read(row, columns, ref) for row in expected]
        if len(got) != len(wanted):
            yield f"{ref}：应有 {len(wanted)} 行，得到 {len(got)} 行"
        for row in wanted:
            yield from _compare_row(ref, row, got, key)

    def counted(self, ref: str) -> str:
        """The query of ``pack.indicator`` (its numerator) or of another part of it."""
        pack, _, rest = ref.partition(".")
        name, _, part = rest.partition(".")
        indicator = self.shelf.indicator(f"{pack}.{name}")
        queries = {
            "": indicator.numerator,
            "denominator": indicator.denominator,
            "excluded": indicator.excluded,
        }
        if not queries.get(part):
            raise TrialMalformed(
                f"指标 {pack}.{name} 没有“{part}”。", hint="写 denominator 或 excluded，或不写。"
            )
        return queries[part]

    def judge(self, expected: ExpectedVerdicts) -> Iterator[str]:
        written = self.shelf.rule(expected.rules)
        rule_set = self.shelf.rule_set(expected.rules)
        columns, rows = self.rows(written.table)
        key = self.shelf.table(written.table).key[0]
        as_of = self.trial.as_of
        sql = rule_set.population_sql(as_of=as_of, table=written.table, keep=[key])
        population = lake.try_sql(sql, {written.table: (columns, rows)})
        in_bulk = {str(row[key]): str(row["verdict"]) for row in population}
        by_key = {str(row[key]): row for row in rows}
        for subject in expected.subjects:
            name = f"{expected.rules} 对“{subject.key}”"
            if subject.key not in by_key:
                yield f"{name}：given 中没有 {key} 为“{subject.key}”的行"
                continue
            verdict = rule_set.judge(by_key[subject.key], as_of=as_of)
            if in_bulk[subject.key] != verdict.result:
                yield f"{name}：逐人判断为 {verdict.result}，成批却为 {in_bulk[subject.key]}"
            for said in _compare_verdict(subject, verdict, written.outputs):
                yield f"{name}：{said}"

    def watch(self, expected: ExpectedAlert) -> Iterator[str]:
        watch = watch_of(
            self.shelf,
            expected.alert,
            on=self.trial.as_of,
            entries=lambda ref: self.rows(ref)[1],
        )
        alert = watch.alert
        device = self.device(alert, expected.device)
        seen = self.seen(expected, alert, device)
        columns = self.shelf.register(self.shelf.stream(alert.stream).devices).columns
        row, recall, held = device_row(device, columns), _recall(seen), None
        own = dict(seen[device["id"], alert.stream])
        at = max(own)
        for at in sorted({when for key in _looked_at(watch, row) for when, _ in seen.get(key, ())}):
            value = own.get(at, recall(watch.own, device["id"], at))
            held = _moved(watch, held, watch.row(row, value=value, at=at, recall=recall), at)
        if expected.silent:
            at = max(own) + timedelta(minutes=expected.silent)
            said = watch.row(row, value=own[max(own)], at=at, recall=recall, silent=expected.silent)
            held = _moved(watch, held, said, at)
        if (held is not None and held.is_raised) != expected.raised:
            want = "报警" if expected.raised else "不报警"
            last = " ".join(expected.readings[-1])
            yield f"{expected.alert}：最后一个读数（{last}）后应为{want}"

    def seen(self, expected: ExpectedAlert, alert: Alert, device: Row) -> Seen:
        """The readings of the device, and of others as ``device stream`` names them."""
        written = {(device["id"], alert.stream): expected.readings}
        for name, readings in expected.others.items():
            who, _, stream = name.partition(" ")
            written[who, stream or alert.stream] = readings
        return {
            key: [
                (datetime.fromisoformat(f"{self.trial.as_of}T{clock}"), float(value))
                for clock, value in readings
            ]
            for key, readings in written.items()
        }

    def device(self, alert: Alert, given: Row) -> dict[str, Any]:
        register = self.shelf.register(self.shelf.stream(alert.stream).devices)
        types = {name: one.type for name, one in register.columns.items()}
        return {**dict.fromkeys(types), "id": "", **_read(given, types, alert.stream)}


def _looked_at(watch: Watch, row: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The readings by which an alert is judged: its own, and those that its inputs ask."""
    return {(str(row.get(one.who)), one.stream) for one in (watch.own, *watch.looks)}


def _moved(watch: Watch, held: Held | None, row: Mapping[str, Any], at: datetime) -> Held | None:
    raises, clears = watch.raises(row), watch.clears(row)
    return step(held, at=at, raises=raises, clears=clears, hold=watch.hold)[0]


def _recall(seen: Seen) -> Recall:
    def recall(look: Look, device: str, at: datetime) -> Any:
        readings = seen.get((device, look.stream), ())
        return reduced(look.of, [v for when, v in readings if at - look.within < when <= at])

    return recall


def _compare_verdict(
    subject: ExpectedVerdict, verdict: rules.Verdict, outputs: Mapping[str, Type]
) -> Iterator[str]:
    if verdict.result != subject.verdict:
        yield f"应为 {subject.verdict}，得到 {verdict.result}{_why(verdict)}"
    because = {*verdict.failed, *verdict.unknown}
    if subject.because and {*subject.because} != because:
        yield f"原因应为 {_list(subject.because)}，得到 {_list(sorted(because))}"
    if subject.missing and {*subject.missing} != {*verdict.missing}:
        yield f"应缺 {_list(subject.missing)}，得到 {_list(verdict.missing)}"
    for name, value in subject.outputs.items():
        want = _cell(value, outputs.get(name, "text"), name)
        if verdict.outputs.get(name) != want:
            yield f"{name} 应为 {want}，得到 {verdict.outputs.get(name)}"


def _compare_row(
    ref: str, row: dict[str, Any], got: list[dict[str, Any]], key: tuple[str, ...]
) -> Iterator[str]:
    known = [column for column in key if column in row]
    same = [one for one in got if known and all(one[column] == row[column] for column in known)]
    if not same:
        if not any(all(one.get(column) == value for column, value in row.items()) for one in got):
            yield f"{ref}：没有得到这一行 {_shown(row)}"
        return
    for column, value in row.items():
        if same[0].get(column) != value:
            which = _shown({name: row[name] for name in known})
            yield f"{ref}：{which} 的 {column} 应为 {value}，得到 {same[0].get(column)}"


def _kinds(rows: list[dict[str, Any]]) -> dict[str, Type]:
    """The types of the columns of a query that no contract declares, by what it gave."""
    found: dict[str, Type] = {}
    for row in rows:
        for name, value in row.items():
            if name not in found or value is not None:
                found[name] = KINDS.get(type(value), "text")
    return found


KINDS: dict[type, Type] = {
    bool: "boolean",
    int: "integer",
    Decimal: "decimal",
    float: "decimal",
    date: "date",
    datetime: "instant",
}


def _read(row: Row, columns: Mapping[str, Type], table: str) -> dict[str, Any]:
    unknown = [name for name in row if columns and name not in columns]
    if unknown:
        raise TrialMalformed(
            f"{table} 没有列 {_list(unknown)}。", hint=f"可用的列：{_list(columns)}。"
        )
    return {name: _cell(value, columns.get(name, "text"), name) for name, value in row.items()}


def _cell(value: Any, kind: Type, name: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if kind == "instant":
        return datetime.fromisoformat(str(value))
    try:
        return typed(str(value), kind)
    except (ValueError, KeyError):
        raise TrialMalformed(f"“{name}”的值“{value}”不是 {kind}。", hint="改值。") from None


class TrialMalformed(YiwangError):
    """A test of a pack names a column that is not there, or a value of another type."""

    code = "packkit.trial_malformed"


def _why(verdict: rules.Verdict) -> str:
    said = [reason.sentence for reason in verdict.reasons if reason.result != "yes"]
    return f"（{'；'.join(said)}）" if said else ""


def _shown(row: Mapping[str, Any]) -> str:
    return "，".join(f"{name}={value}" for name, value in row.items())


def _list(names: Iterable[str]) -> str:
    return "、".join(names) or "无"
