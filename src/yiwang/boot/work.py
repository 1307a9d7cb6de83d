"""What the apps offer to be done in the background, collected from their doors."""

from importlib import import_module

from django.apps import apps

from yiwang.apps.catalog import public as catalog
from yiwang.apps.jobs import public as jobs
from yiwang.apps.subjects import public as subjects


def register_work() -> None:
    """Make known every ``JOBS`` and ``TIMETABLE`` of an app's door, and who follows a load."""
    catalog.when_loaded(
        "subjects", act=lambda ref, at: subjects.reconcile(at=at, lake=catalog.lake())
    )
    for app in apps.get_app_configs():
        if app.name.startswith("yiwang.apps."):
            door = import_module(f"{app.name}.public")
            jobs.register(kinds=getattr(door, "JOBS", ()), timetable=getattr(door, "TIMETABLE", ()))
