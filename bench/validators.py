"""Quality checks against Great Expectations and Pandera: the same file, the same checks, one run.

One million residents, ten checks every one of the three can say: values that must be there, a key
that occurs once, patterns, code sets, a reference, ranges of dates, and one check across columns
(the check digit as a vectorised function for the others). Each side runs in a process of its own;
CPU is counted from opening the file until the verdict, ours with the quarantine of every failing
row and its reasons, and with the Iceberg commit. The others live in an environment of their own,
made once in ``var/bench/validators`` (they are not among our requirements); without network the
bench says that they are missing.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from bench import collect

ROWS = 1_000_000
ROUNDS = 3
HOME = Path(os.environ.get("YIWANG_BENCH_RIVALS", "var/bench/validators"))
WANTED = ("great_expectations==1.24.1", "pandera==0.35.0", "pandas", "pyarrow")

CHECKS = (
    collect.Check(id="digits", check="is_id_number(upper(id_number))"),
    collect.Check(id="once", unique=("id_number",)),
    collect.Check(id="name", check="length(trim(name)) >= 2", unknown="fail"),
    collect.Check(id="sex", check="is_code(sex, 'base.sex')"),
    collect.Check(id="ethnic", check="is_code(ethnic, 'base.ethnic')"),
    collect.Check(
        id="village", reference=collect.Reference.parse("village in base.divisions.code")
    ),
    collect.Check(id="born", check="birth_on between date '1900-01-01' and as_of"),
    collect.Check(id="matches", check="birth_on = birth_of_id(upper(id_number))"),
    collect.Check(id="household", check="length(household) = 9"),
    collect.Check(id="phone", check="is_phone(phone)"),
)

THEIRS = """
import json, resource, sys
import numpy as np, pandas as pd
side, folder = sys.argv[1:]
if side == "pandera":
    import pandera.pandas as pa
elif side == "great_expectations":
    import great_expectations as gx
    import great_expectations.expectations as gxe
def used():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime
before = used()
frame = pd.read_csv(folder + "/residents.csv", dtype=str, engine="c")
frame["born"] = pd.to_datetime(frame["CSRQ"], format="%Y%m%d", errors="coerce")
villages = [line.strip() for line in open(folder + "/villages.txt")]
ethnic = [f"{n:02}" for n in range(1, 57)]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
def digits(series):
    good = series.str.fullmatch(r"[0-9]{17}[0-9X]").fillna(False)
    signs = np.array(series.where(good, "0" * 18).tolist(), dtype="U18").view("U1").reshape(-1, 18)
    total = signs[:, :17].astype(np.int64) @ np.array(WEIGHTS)
    return good & (np.array(list("10X98765432"))[total % 11] == signs[:, 17])
frame["number_is_right"] = digits(frame["GMSFHM"])
frame["matches"] = frame["GMSFHM"].str[6:14] == frame["CSRQ"]
EARLY, TODAY = pd.Timestamp("1900-01-01"), pd.Timestamp("2026-11-02")
NAME, HOUSE, PHONE = r"^.{2,}$", r"^.{9}$", r"^1[3-9][0-9]{9}$"
if side == "pandera":
    text = lambda *checks: pa.Column(str, list(checks), nullable=True)
    schema = pa.DataFrameSchema({
        "number_is_right": pa.Column(bool, pa.Check.eq(True)),
        "GMSFHM": pa.Column(str, unique=True),
        "XM": pa.Column(str, pa.Check.str_matches(NAME), nullable=False),
        "XB": text(pa.Check.isin(["1", "2", "9"])), "MZ": text(pa.Check.isin(ethnic)),
        "XZQH": text(pa.Check.isin(villages)),
        "born": pa.Column("datetime64[ns]", pa.Check.in_range(EARLY, TODAY), nullable=False),
        "matches": pa.Column(bool, pa.Check.eq(True)),
        "HH": text(pa.Check.str_matches(HOUSE)), "LXDH": text(pa.Check.str_matches(PHONE)),
    })
    frame["born"] = frame["born"].astype("datetime64[ns]")
    try:
        schema.validate(frame, lazy=True)
        failed = 0
    except pa.errors.SchemaErrors as error:
        failed = int(error.failure_cases["index"].dropna().nunique())
elif side == "great_expectations":
    context = gx.get_context(mode="ephemeral")
    batch = (context.data_sources.add_pandas("p").add_dataframe_asset("a")
             .add_batch_definition_whole_dataframe("b").get_batch({"dataframe": frame}))
    suite = gx.ExpectationSuite(name="residents", expectations=[
        gxe.ExpectColumnValuesToBeInSet(column="number_is_right", value_set=[True]),
        gxe.ExpectColumnValuesToBeUnique(column="GMSFHM"),
        gxe.ExpectColumnValuesToNotBeNull(column="XM"),
        gxe.ExpectColumnValuesToMatchRegex(column="XM", regex=NAME),
        gxe.ExpectColumnValuesToBeInSet(column="XB", value_set=["1", "2", "9"]),
        gxe.ExpectColumnValuesToBeInSet(column="MZ", value_set=ethnic),
        gxe.ExpectColumnValuesToBeInSet(column="XZQH", value_set=villages),
        gxe.ExpectColumnValuesToNotBeNull(column="born"),
        gxe.ExpectColumnValuesToBeBetween(column="born", min_value=EARLY, max_value=TODAY),
        gxe.ExpectColumnValuesToBeInSet(column="matches", value_set=[True]),
        gxe.ExpectColumnValuesToMatchRegex(column="HH", regex=HOUSE),
        gxe.ExpectColumnValuesToMatchRegex(column="LXDH", regex=PHONE),
    ])
    told = batch.validate(suite, result_format={"result_format": "COMPLETE"})
    rows = set()
    for one in told.results:
        rows.update(one.result.get("unexpected_index_list") or ())
    failed = len(rows)
print(json.dumps({"cpu": used() - before, "failed": failed,
                  "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def _rivals() -> Path | None:
    """The Python of the environment that holds them, made if it can be; None without them."""
    python = HOME / "env" / "bin" / "python"
    if not python.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(HOME / "env")], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *WANTED]
        subprocess.run(install, check=False, capture_output=True)
    there = subprocess.run(
        [str(python), "-c", "import great_expectations, pandera"], check=False, capture_output=True
    )
    return python if there.returncode == 0 else None


def ours(folder: Path) -> None:
    """Our side, in its own process: all ten checks, quarantine with reasons, commit."""
    before = collect.used()
    lake = collect.Lake(folder / "lake")
    plan = replace(collect.PLAN, checks=CHECKS)
    source = collect.Source(kind="folder", path=folder)
    done = lake.collect(plan, source, at=collect.NINE, run=f"bench-{os.getpid()}")
    told = {"cpu": collect.used() - before, "failed": done.rejected}
    print(json.dumps(told | {"memory": collect.resource.getrusage(0).ru_maxrss / 1024}))


def run() -> list[str]:
    """All sides in turn, the best of three rounds each."""
    python = _rivals()
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as name:
        folder = Path(name)
        collect.write_residents(folder / "residents.csv", ROWS)
        (folder / "villages.txt").write_text("\n".join(collect.VILLAGES))
        rows = [{"code": code} for code in collect.VILLAGES]
        lake = collect.Lake(folder / "lake")
        lake.write("base.divisions", rows, columns={"code": "text"}, at=collect.NINE)
        (folder / "theirs.py").write_text(THEIRS)
        sides = {"ours": [sys.executable, "-m", "bench.validators", name]}
        if python is not None:
            for side in ("great_expectations", "pandera"):
                sides[side] = [str(python), str(folder / "theirs.py"), side, name]
        best = {side: _best(command) for side, command in sides.items()}
    mine = best["ours"]
    lines = [
        f"ours: {mine['cpu']:.2f} s CPU, {mine['memory']:.0f} MB, {mine['failed']:,} rows failed, "
        "each kept with its reasons, lake commit included"
    ]
    for side, bar in (("great_expectations", 0.5), ("pandera", 2 / 3)):
        if side not in best:
            lines.append(f"{side}: missing (no environment in {HOME}, no network to make one)")
            continue
        one = best[side]
        share = mine["cpu"] / one["cpu"]
        lines.append(
            f"{side}: {one['cpu']:.2f} s CPU, {one['memory']:.0f} MB, {one['failed']:,} rows "
            f"failed; ours takes {share:.2f} of it (bar {bar:.2f}) "
            f"{'ok' if share <= bar else 'MISSED'}"
        )
    return lines


def _best(command: list[str]) -> dict[str, float]:
    runs = [
        json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[
                -1
            ]
        )
        for _ in range(ROUNDS)
    ]
    return min(runs, key=lambda one: one["cpu"])


if __name__ == "__main__":
    if len(sys.argv) == 2:
        ours(Path(sys.argv[1]))
    else:
        print("\n".join(run()))
