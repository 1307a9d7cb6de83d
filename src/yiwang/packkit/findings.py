"""What is wrong with a pack: file, line, what, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from yiwang.kernel.errors import Invalid


@dataclass(frozen=True, order=True)
class Finding:
    """One fault of a pack, in words its author can act on."""

    file: Path
    line: int
    what: str
    write: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}：{self.what}{self.write and f'——{self.write}'}"


class PackRefused(Invalid):
    """The pack is refused whole; ``findings`` say why, the last good version stays in force."""

    code = "packkit.pack_refused"

    def __init__(self, pack: str, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        reasons = "\n".join(f"  {finding}" for finding in self.findings)
        super().__init__(
            f"场景包“{pack}”有 {len(self.findings)} 处错误，整包不予采用：\n{reasons}",
            hint="按每条提示修改后运行 yiwang pack check；在此之前继续使用上一个正确版本。",
            pack=pack,
            findings=[
                {"file": str(one.file), "line": one.line, "what": one.what, "write": one.write}
                for one in self.findings
            ],
        )
