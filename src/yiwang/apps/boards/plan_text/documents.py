"""The text of a plan from a file: TXT in either usual encoding, or DOCX with its tables."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from yiwang.apps.boards.plan_text.reading import PlanUnreadable

LARGEST = 10 * 1024 * 1024
"""Bytes of a file, and of a DOCX unpacked four times as much: a plan has some hundred pages."""


def text_of(name: str, content: bytes) -> str:
    """The text of the file called ``name``; raises ``PlanUnreadable`` saying what to do."""
    if len(content) > LARGEST:
        raise PlanUnreadable(
            "文件超过 10 MB，方案正文不会这么大。",
            hint="去掉图片附件，只导入正文。",
            size=len(content),
        )
    if content.startswith(b"PK"):
        return _docx(content)
    if name.lower().endswith((".docx", ".doc", ".pdf", ".wps", ".ofd")):
        raise PlanUnreadable(
            "这个文件不是可读取的 DOCX 或 TXT。",
            hint="在文字处理软件里打开，另存为 DOCX 或纯文本后再导入。",
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PlanUnreadable("文本文件的编码认不出来。", hint="另存为 UTF-8 编码的纯文本后再导入。")


def _docx(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile:
        size = LARGEST * 8
    if size > LARGEST * 4:
        raise PlanUnreadable(
            "DOCX 文件损坏，或展开后过大。", hint="在文字处理软件里重新另存一份，去掉图片后再导入。"
        )
    return "\n".join(_blocks(content))


def _blocks(content: bytes) -> Iterator[str]:
    """Paragraphs and rows of tables in their order; numbers that Word draws itself are refused."""
    from docx import Document  # loads lxml: only who imports a DOCX pays for it
    from docx.table import Table

    try:
        document = Document(io.BytesIO(content))
    except (KeyError, ValueError) as broken:
        raise PlanUnreadable(
            "DOCX 文件里没有正文。", hint="确认文件能在文字处理软件里打开，另存后再导入。"
        ) from broken
    numbered = 0
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from ("\t".join(cell.text for cell in row.cells) for row in block.rows)
            continue
        numbered += _is_numbered(block)
        yield block.text
    if numbered > 2:
        raise PlanUnreadable(
            f"有 {numbered} 个标题用了自动编号，编号不在文字里。",
            hint="在文字处理软件里把自动编号转换为文本，另存后再导入。",
            numbered=numbered,
        )


def _is_numbered(paragraph: Any) -> bool:
    properties = paragraph._p.pPr
    return properties is not None and properties.numPr is not None
