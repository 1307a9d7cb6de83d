"""YAML text to a tree that knows its lines. Anchors, aliases and tags are refused: no bombs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MAX_BYTES = 1_000_000
MAX_NODES = 60_000
MAX_DEPTH = 24

QUOTED = {"'", '"', "|", ">"}
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Scalar:
    """A single value as written; ``plain`` when it stands without quotes."""

    text: str
    line: int
    plain: bool


@dataclass(frozen=True)
class Sequence:
    """A list of nodes."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True)
class Mapping:
    """Keys with their lines, and their nodes, in the order written."""

    entries: dict[str, "Node"]
    key_lines: dict[str, int]
    line: int


Node = Scalar | Sequence | Mapping


class YamlRefused(Exception):
    """The text is not YAML that a pack may hold; caught by the reader and told as a finding."""

    def __init__(self, line: int, what: str, write: str) -> None:
        super().__init__(what)
        self.line, self.what, self.write = line, what, write


def read_node(content: bytes) -> Node:
    """The tree of one YAML document, or ``YamlRefused`` with the line."""
    if len(content) > MAX_BYTES:
        raise YamlRefused(
            1, f"文件有 {len(content)} 字节，超过 {MAX_BYTES}", "大清单放进 registers/*.csv"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise YamlRefused(line, "不是 UTF-8 文字", "用 UTF-8 另存") from None
    try:
        return _Composer(yaml.parse(text, Loader=LOADER)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlRefused(
            mark.line + 1 if mark else 1,
            f"YAML 写法有误：{error.problem or error.context}",
            "检查缩进、冒号后的空格和引号",
        ) from None
    except yaml.YAMLError as error:
        raise YamlRefused(1, f"YAML 写法有误：{error}", "去掉控制字符") from None


class _Composer:
    """Builds nodes from parser events, counting nodes and depth."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.count = 0

    def document(self) -> Node:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                break
        else:
            raise YamlRefused(1, "文件是空的", "至少写一个 title")
        node = self.node(next(self.events), 0)
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise YamlRefused(_line(event), "一个文件只放一份内容", "删去“---”之后的部分")
        return node

    def node(self, event: Any, depth: int) -> Node:
        line = _line(event)
        self.count += 1
        if self.count > MAX_NODES:
            raise YamlRefused(line, f"内容超过 {MAX_NODES} 个值", "拆成多个文件")
        if depth > MAX_DEPTH:
            raise YamlRefused(line, f"嵌套超过 {MAX_DEPTH} 层", "减少层次")
        if isinstance(event, yaml.AliasEvent):
            raise YamlRefused(line, f"不允许引用别名 *{event.anchor}", "把内容写全")
        if event.anchor:
            raise YamlRefused(line, f"不允许锚点 &{event.anchor}", "删去锚点，把内容写全")
        if event.tag:
            raise YamlRefused(line, f"不允许类型标签 {event.tag}", "删去标签")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, line, event.style not in QUOTED)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(line, depth)
        return self.mapping(line, depth)

    def sequence(self, line: int, depth: int) -> Sequence:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return Sequence(tuple(items), line)

    def mapping(self, line: int, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        key_lines: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise YamlRefused(key.line, "键只能是一个词", "把键写成文字")
            if key.text in entries:
                raise YamlRefused(
                    key.line,
                    f"键“{key.text}”重复，第 {key_lines[key.text]} 行已经写过",
                    "保留一个",
                )
            entries[key.text] = self.node(next(self.events), depth + 1)
            key_lines[key.text] = key.line
        return Mapping(entries, key_lines, line)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
