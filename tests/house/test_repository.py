"""What never stands in the repository: registries, secrets, code in packs, outside references."""

import re

import source
from jinja2 import Environment

REGISTRIES = tuple(
    f"{name}.{end}"
    for name, end in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry.npmjs", "org"),
        ("registry.yarnpkg", "com"),
        ("deb.debian", "org"),
        ("mirrors.aliyun", "com"),
        ("tuna.tsinghua.edu", "cn"),
        ("crates", "io"),
    )
)
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".lock", ".txt", ".html", ".json", ".sh", ""}
PACK_FILES = {".yaml", ".sql", ".md", ".csv", ".geojson", ".svg"}


def _texts(suffixes):
    for path in source.tracked():
        if path.suffix in suffixes and path.stat().st_size < 2_000_000:
            yield path, path.read_text("utf-8", errors="replace")


def test_no_registry_address_stands_in_the_repository():
    found = [
        f"{source.shown(path)}: {name}"
        for path, text in _texts(TEXT)
        for name in REGISTRIES
        if name in text
    ]
    assert not found


def test_no_private_key_stands_in_the_repository():
    mark = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/=]{40}")
    assert not [source.shown(path) for path, text in _texts(TEXT) if mark.search(text)]


def test_a_pack_holds_no_code():
    packs = source.REPOSITORY / "packs"
    foreign = [
        source.shown(path)
        for path in source.tracked()
        if packs in path.parents and path.suffix not in PACK_FILES
    ]
    assert not foreign


TEMPLATES = [
    path for path in source.tracked() if "templates" in path.parts and path.suffix == ".html"
]
OUTSIDE = re.compile(r"""(?:src|href|action|srcset|poster|formaction)\s*=\s*["']?(?:https?:)?//""")
INLINE = {
    "an inline script": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.I
    ),
    "an inline style": re.compile(r"<style\b|<[^>]*\sstyle\s*=", re.I),
    "an inline event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.I),
    "an import from outside": re.compile(r"url\(\s*[\"']?(?:https?:)?//", re.I),
}


def test_no_page_refers_to_another_host():
    found = [source.shown(path) for path in TEMPLATES if OUTSIDE.search(path.read_text("utf-8"))]
    assert not found


def test_no_page_carries_script_or_style_that_the_policy_would_block():
    found = [
        f"{source.shown(path)} has {what}"
        for path in TEMPLATES
        for what, pattern in INLINE.items()
        if pattern.search(path.read_text("utf-8"))
    ]
    assert not found


def test_what_scrolls_sideways_is_reached_by_keyboard_and_has_a_name():
    named = 'tabindex="0" role="region" aria-label="'
    found = [
        source.shown(path)
        for path in TEMPLATES
        for rest in path.read_text("utf-8").split('<div class="table-scroll"')[1:]
        if not rest.lstrip().startswith(named)
    ]
    assert not found


def test_our_style_sheets_fetch_nothing_from_another_host():
    own = [p for p in source.tracked() if p.suffix == ".css" and "vendor" not in p.parts]
    pattern = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//")
    assert not [source.shown(path) for path in own if pattern.search(path.read_text("utf-8"))]


def test_the_package_with_weak_nonces_stays_out():
    importing = re.compile(r"^\s*(?:import|from) gmssl\b", re.M)
    assert not [source.shown(path) for path, text in _texts({".py"}) if importing.search(text)]
    lock = (source.REPOSITORY / "requirements.lock").read_text("utf-8")
    assert not re.search(r"^gmssl==", lock, re.M)


def test_every_chinese_word_on_a_page_can_be_translated():
    """Chinese stands in ``_("…")``; a language's own name is the same in every language."""
    environment = Environment(extensions=["jinja2.ext.i18n"])
    bare = [
        f"{source.shown(path)}:{line} {text.strip()[:30]}"
        for path in TEMPLATES
        for line, kind, text in environment.lex(path.read_text("utf-8"))
        if kind == "data" and re.search(r"[\u4e00-\u9fff]", text.replace("中文", ""))
    ]
    assert not bare
