"""Models: they open with their Chinese word, point downward, and have their migrations."""

import ast
import re

import pytest
import source
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

from yiwang.boot.glossary import read_glossary

OURS = [model for model in apps.get_models() if model.__module__.startswith("yiwang.apps.")]
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every Chinese word of the glossary."""
    return {word for term in read_glossary() for word in (term.zh, *term.synonyms)}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_a_model_opens_with_its_chinese_word_from_the_glossary(model, words):
    opening = re.split(r"[：:，,、（(\s]", model.__doc__ or "", maxsplit=1)[0]
    assert opening in words, f"add “{opening}” to glossary.yaml"


def _foreign():
    for model in OURS:
        for field in model._meta.get_fields():
            other = field.related_model
            crosses = other is not None and other._meta.app_label != model._meta.app_label
            if crosses and not field.auto_created:
                yield model, field


def test_a_key_into_another_app_points_downward_and_cannot_be_walked_back():
    wrong = [
        f"{model.__name__}.{field.name}"
        for model, field in _foreign()
        if field.remote_field.related_name != "+"
        or source.layer_of(field.related_model._meta.app_label)
        >= source.layer_of(model._meta.app_label)
    ]
    assert not wrong


def test_a_key_into_another_app_is_written_as_a_string():
    wrong = []
    for dotted, (path, tree) in source.modules().items():
        if not re.match(r"yiwang\.apps\.\w+\.models", dotted):
            continue
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            to = call.args[0] if call.args else None
            if name in RELATIONS and isinstance(to, ast.Name) and to.id not in own:
                siblings = f"yiwang.apps.{dotted.split('.')[2]}.models"
                if not _imported_from(tree, to.id, siblings):
                    wrong.append(f"{source.shown(path)}:{call.lineno}")
    assert not wrong


def _imported_from(tree: ast.Module, name: str, package: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(package)
        and any(alias.name == name for alias in node.names)
        for node in ast.walk(tree)
    )


def test_every_change_of_a_model_has_its_migration():
    loader = MigrationLoader(None)
    with translation.override(None):
        wanted = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
        changes = wanted.changes(graph=loader.graph)
    assert not {app: [str(m.operations) for m in found] for app, found in changes.items()}
