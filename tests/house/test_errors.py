"""One shape of error: its own code, a docstring, and the same problem details everywhere."""

import json
import pkgutil
import re
from importlib import import_module

import pytest
from django.test import RequestFactory

import yiwang
from yiwang.kernel import errors
from yiwang.kernel.errors import YiwangError
from yiwang.web.problems import PROBLEM_TYPE, problem_answer

CODE = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*")
GENERAL = {error for error in vars(errors).values() if isinstance(error, type)}


def _all_errors() -> list[type[YiwangError]]:
    for module in pkgutil.walk_packages(yiwang.__path__, "yiwang."):
        if ".migrations" not in module.name and ".commands." not in module.name:
            import_module(module.name)
    found, waiting = [], [YiwangError]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    ours = (error for error in found if error.__module__.startswith("yiwang."))
    return [error for error in dict.fromkeys(ours) if error not in GENERAL]


def _room(error: type[YiwangError]) -> str:
    parts = error.__module__.split(".")
    return parts[2] if parts[1] in {"apps", "faces"} else parts[1]


def test_every_error_has_a_code_of_its_own_in_its_room():
    every = _all_errors()
    wrong = [
        f"{error.__module__}.{error.__name__}: {error.code}"
        for error in every
        if "code" not in vars(error)
        or not CODE.fullmatch(error.code)
        or error.code.split(".")[0] != _room(error)
    ]
    codes = [error.code for error in every]
    assert every
    assert not wrong
    assert not sorted({code for code in codes if codes.count(code) > 1})


def test_every_error_says_when_it_is_true():
    silent = [e.__name__ for e in _all_errors() if not (vars(e).get("__doc__") or "").strip()]
    assert not silent


def test_every_error_has_a_status_that_the_web_knows():
    wrong = [e.__name__ for e in _all_errors() if not 400 <= e.status <= 599]
    assert not wrong


@pytest.mark.parametrize("general", sorted(GENERAL - {YiwangError}, key=lambda e: e.__name__))
def test_every_error_is_answered_to_machines_in_one_shape(general):
    request = RequestFactory().get("/api/things/7")
    answer = problem_answer(request, general("没有这件事。", hint="核对编号。", number="7"))
    problem = json.loads(answer.content)
    assert (answer.status_code, answer["Content-Type"]) == (general.status, PROBLEM_TYPE)
    assert problem["status"] == general.status
    assert (problem["title"], problem["hint"]) == ("没有这件事。", "核对编号。")
    assert problem["code"] == general.code
    assert problem["type"].endswith(general.code)
    assert problem["data"] == {"number": "7"}


def test_an_address_that_does_not_exist_is_answered_in_the_same_shape(client):
    answer = client.get("/api/there/is/nothing/here")
    assert answer.status_code == 404
    assert answer["Content-Type"] == PROBLEM_TYPE
    assert {"type", "title", "status", "code"} <= answer.json().keys()
