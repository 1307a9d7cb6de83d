"""Read a pack's folder: every file into its struct, or the pack refused with every fault."""

import csv
import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from yiwang.packkit.conform import conform
from yiwang.packkit.findings import Finding, PackRefused
from yiwang.packkit.kinds.bundles import Bundle, Guide
from yiwang.packkit.kinds.citizens import Code, RatingScheme
from yiwang.packkit.kinds.drills import Drill
from yiwang.packkit.kinds.folders import FOLDERS
from yiwang.packkit.kinds.guidance import Answer, Document
from yiwang.packkit.kinds.incidents import Incident, Plan, Round
from yiwang.packkit.kinds.pack import Manifest, Place
from yiwang.packkit.kinds.reports import Report
from yiwang.packkit.kinds.resources import Feed, Grant, Register, Release, Table
from yiwang.packkit.kinds.shared import Kind
from yiwang.packkit.kinds.sight import Alert, Assessment, Indicator, Layer, Screen, Stream, Vitals
from yiwang.packkit.kinds.subjects import Entity, Purpose
from yiwang.packkit.kinds.trial import Trial
from yiwang.packkit.kinds.work import Flow, Form, Item, License, Policy, Role, Rules
from yiwang.packkit.nodes import MAX_BYTES, Mapping, Node, Sequence, YamlRefused, read_node

K = TypeVar("K", bound=Kind)

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
MAX_FILES = 2_000
MAX_CSV_BYTES = 64_000_000
PLAIN_FOLDERS = {"sql", "sample"}
PLAIN_FILES = {"pack.yaml", "place.yaml", "README.md"}


@dataclass(frozen=True)
class Pack:
    """A pack as read: structs by id and kind, with the place of every word for messages."""

    id: str
    folder: Path
    manifest: Manifest
    digest: str
    registers: dict[str, Register] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    purposes: dict[str, Purpose] = field(default_factory=dict)
    rules: dict[str, Rules] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)
    guides: dict[str, Guide] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    licenses: dict[str, License] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    ratings: dict[str, RatingScheme] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    drills: dict[str, Drill] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    assessments: dict[str, Assessment] = field(default_factory=dict)
    vitals: dict[str, Vitals] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    screens: dict[str, Screen] = field(default_factory=dict)
    tests: dict[str, Trial] = field(default_factory=dict)
    sql: dict[str, str] = field(default_factory=dict)
    entries: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict, repr=False)
    """Rows of ``registers/<id>.csv``, as text."""
    sample: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict, repr=False)
    """Rows of ``sample/<feed or table>.csv``, as text."""
    nodes: dict[str, Node] = field(default_factory=dict, repr=False, compare=False)
    """The YAML tree of every file, by path inside the pack."""

    def where(self, path: str, *keys: str | int) -> tuple[Path, int]:
        """File and line of a value: ``where("rules/tier.yaml", "conditions", 0, "check")``."""
        node = self.nodes.get(path)
        line = node.line if node else 1
        for key in keys:
            if isinstance(node, Mapping) and key in node.entries:
                line, node = node.key_lines[str(key)], node.entries[str(key)]
            elif isinstance(node, Sequence) and isinstance(key, int):
                node = node.items[key] if key < len(node.items) else None
                line = node.line if node else line
            else:
                break
        return self.folder / path, line

    def finding(self, what: str, write: str, path: str, *keys: str | int) -> Finding:
        """A finding at a value of this pack."""
        file, line = self.where(path, *keys)
        return Finding(file, line, what, write)


def read_pack(folder: Path) -> Pack:
    """The pack in ``folder``; its cross references are not looked at (``check`` does that)."""
    return _Reading(folder).pack()


def read_place(folder: Path) -> tuple[Place, dict[str, tuple[dict[str, str], ...]]]:
    """``place.yaml`` and the place's own register entries, by ``pack.register``."""
    reading = _Reading(folder)
    place = reading.struct("place.yaml", Place)
    entries = {
        path.stem: reading.rows(path) for path in sorted((folder / "registers").glob("*.csv"))
    }
    if place is None or reading.findings:
        raise PackRefused(folder.name, reading.findings)
    return place, entries


class _Reading:
    """One pass over a folder, collecting findings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings: list[Finding] = []
        self.nodes: dict[str, Node] = {}

    def tell(self, file: Path, line: int, what: str, write: str) -> None:
        self.findings.append(Finding(file, line, what, write))

    def pack(self) -> Pack:
        if not IDENTIFIER.match(self.folder.name):
            self.tell(self.folder, 1, "文件夹名不能作编号", "用小写英文、数字和下划线，字母开头")
        self.look_for_strangers()
        manifest = self.struct("pack.yaml", Manifest)
        kinds = {name: self.things(name, kind) for name, kind in FOLDERS.items()}
        sql = {path.stem: self.text(path) for path in self.files("sql", "*.sql")}
        entries = {path.stem: self.rows(path) for path in self.files("registers", "*.csv")}
        sample = {path.stem: self.rows(path) for path in self.files("sample", "*.csv")}
        if manifest is None or self.findings:
            raise PackRefused(self.folder.name, self.findings)
        return Pack(
            id=self.folder.name,
            folder=self.folder,
            manifest=manifest,
            digest=digest(self.folder),
            sql=sql,
            entries=entries,
            sample=sample,
            nodes=self.nodes,
            **kinds,  # type: ignore[arg-type] # FOLDERS names the fields and their structs
        )

    def look_for_strangers(self) -> None:
        """A file that no kind claims would be silently ignored; say so instead."""
        allowed = {*FOLDERS, *PLAIN_FOLDERS}
        files = sorted(path for path in self.folder.rglob("*") if not path.name.startswith("."))
        if len(files) > MAX_FILES:
            self.tell(self.folder, 1, f"文件超过 {MAX_FILES} 个", "拆成几个场景包")
            return
        for path in files:
            inside = path.relative_to(self.folder)
            if path.is_symlink():
                self.tell(path, 1, "不允许符号链接", "放入文件本身")
            elif path.is_dir():
                continue
            elif len(inside.parts) == 1 and path.name not in PLAIN_FILES:
                self.tell(path, 1, f"不认识的文件“{path.name}”", "放进所属种类的文件夹")
            elif len(inside.parts) > 2 or (
                len(inside.parts) == 2 and inside.parts[0] not in allowed
            ):
                names = "、".join(sorted(allowed))
                self.tell(path, 1, f"不认识的文件夹“{inside.parent}”", f"可用的有：{names}")

    def files(self, folder: str, pattern: str) -> list[Path]:
        paths = sorted((self.folder / folder).glob(pattern))
        for path in paths:
            if not IDENTIFIER.match(path.stem):
                self.tell(path, 1, f"文件名“{path.stem}”不能作编号", "用小写英文、数字和下划线")
        return paths

    def things(self, folder: str, kind: type[K]) -> dict[str, K]:
        found = {}
        for path in self.files(folder, "*.yaml"):
            thing = self.struct(f"{folder}/{path.name}", kind)
            if thing is not None:
                found[path.stem] = thing
        return found

    def struct(self, name: str, kind: type[K]) -> K | None:
        path = self.folder / name
        if not path.is_file():
            self.tell(path, 1, f"缺少文件 {name}", "参照其他场景包写一份")
            return None
        try:
            node = read_node(path.read_bytes())
        except YamlRefused as refusal:
            self.tell(path, refusal.line, refusal.what, refusal.write)
            return None
        self.nodes[name] = node
        tell: Callable[[int, str, str], None] = lambda line, what, write: self.tell(  # noqa: E731
            path, line, what, write
        )
        return conform(node, kind, tell)

    def text(self, path: Path) -> str:
        content = path.read_bytes()
        if len(content) > MAX_BYTES:
            self.tell(path, 1, "文件过大", "拆成几张表")
            return ""
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.tell(path, 1, "不是 UTF-8 文字", "用 UTF-8 另存")
            return ""

    def rows(self, path: Path) -> tuple[dict[str, str], ...]:
        if path.stat().st_size > MAX_CSV_BYTES:
            self.tell(path, 1, "文件过大", "大数据集用 feeds/ 归集")
            return ()
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.tell(path, 1, "不是 UTF-8 文字", "用 UTF-8 另存")
            return ()
        lines = csv.reader(io.StringIO(text, newline=""))
        header = next(lines, [])
        if len(set(header)) != len(header) or not header:
            self.tell(path, 1, "表头为空或有重复的列名", "第一行写列名，各不相同")
        rows = []
        for cells in lines:
            if len(cells) != len(header):
                what = f"有 {len(cells)} 列，表头有 {len(header)} 列"
                self.tell(path, lines.line_num, what, "补齐或删去多余的列")
                continue
            rows.append(dict(zip(header, cells, strict=True)))
        return tuple(rows)


def digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a folder's files."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return total.hexdigest()
