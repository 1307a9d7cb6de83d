"""Whatever is written into the journal has a Chinese name in its room's `EVENTS`."""

import ast
from collections.abc import Iterator
from importlib import import_module

import source
from django.apps import apps

EVENTS = {
    event: title
    for app in apps.get_app_configs()
    if app.name.startswith("yiwang.apps.")
    for event, title in import_module(f"{app.name}.public").EVENTS.items()
}


def _recorders(tree: ast.Module) -> dict[str, tuple[int, str]]:
    """Functions that hand a parameter on to the journal: its place, and what stands before it."""
    found = {"record": (0, "")}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        places = {one.arg: place for place, one in enumerate(function.args.args)}
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if getattr(call.func, "attr", "") != "record" or not call.args:
                continue
            before = ""
            for part in ast.walk(call.args[0]):
                if isinstance(part, ast.Constant):
                    before += str(part.value)
                if isinstance(part, ast.Name) and part.id in places:
                    found[function.name] = places[part.id], before
    return found


def _recorded() -> Iterator[tuple[str, bool]]:
    """Every event that a call names, and whether wholly or only its beginning."""
    trees = {name: tree for name, (_, tree) in source.modules().items() if ".apps." in name}
    recorders = {name: at for tree in trees.values() for name, at in _recorders(tree).items()}
    for tree in trees.values():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            place, before = recorders.get(name, (0, ""))
            if name not in recorders or len(call.args) <= place:
                continue
            told = call.args[place]
            for part in ast.walk(told):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    event = before + part.value
                    if "." in event:
                        yield event, not isinstance(told, ast.JoinedStr)


def test_every_event_has_a_name_that_people_read():
    missing = {
        event
        for event, is_whole in _recorded()
        if (event not in EVENTS if is_whole else not any(e.startswith(event) for e in EVENTS))
    }
    assert not sorted(missing)
    assert len({event for event, _ in _recorded()}) > 100
