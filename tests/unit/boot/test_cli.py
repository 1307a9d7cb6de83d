import pytest
from click.testing import CliRunner

from yiwang.boot import cli
from yiwang.boot.cli import main
from yiwang.kernel.errors import NotFound


@pytest.fixture
def run():
    return lambda *words: CliRunner().invoke(main, words)


def test_an_official_finds_the_class_from_the_word(run):
    answer = run("glossary", "行政区划")
    assert "· Division" in answer.output
    assert "yiwang/kernel/divisions.py:" in answer.output


def test_a_synonym_a_code_and_a_part_of_a_word_find_the_term_too(run):
    for word in ("身份证号", "IdNumber", "身份号"):
        assert "kernel/identifiers/gbt11643.py:" in run("glossary", word).output


def test_a_word_the_glossary_lacks_is_an_error_that_says_what_to_do(run):
    answer = run("glossary", "并无此词")
    assert answer.exit_code == 1
    assert "yiwang glossary" in answer.output


def test_the_printed_pages_are_current(run):
    assert run("docs", "--check").exit_code == 0


def test_our_own_errors_become_two_lines_and_no_traceback():
    yiwang = cli.Commands("yiwang")

    @yiwang.command("refuse")
    def refuse():
        raise NotFound("没有这个包。", hint="核对包名。")

    answer = CliRunner().invoke(yiwang, ["refuse"])
    assert answer.exit_code == 1
    assert answer.output == "错误：没有这个包。\n办法：核对包名。\n"


def test_help_lists_every_command_found_in_the_folder(run):
    listed = run("--help").output
    assert all(name in listed for name in cli.main.list_commands(None))
