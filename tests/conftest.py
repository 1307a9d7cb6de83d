"""What every test stands on: a home folder of its own, and servers if they can be reached."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import prepared
import pytest
import stores
from django.conf import settings
from django.db import connection, connections
from django.test import override_settings

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in the thread

POSTGRES = os.environ.get("YIWANG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
MARIADB = os.environ.get("YIWANG_TEST_MARIADB", "mysql://root@127.0.0.1:3306/test")
MQTT = os.environ.get("YIWANG_TEST_MQTT", "mqtt://127.0.0.1:1883")
REPOSITORY = Path(__file__).parents[1]
hypothesis.settings.register_profile("any machine", deadline=None)  # a loaded one is slow
hypothesis.settings.load_profile("any machine")


def pytest_sessionfinish() -> None:
    shutil.rmtree(settings.HOME, ignore_errors=True)
    stores.drop_all()


def pytest_configure(config: pytest.Config) -> None:
    """Slow tests are for CI, and for whoever names a file; the workers are told by environment."""
    if not hasattr(config, "workerinput"):
        is_named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
        if is_named or os.environ.get("YIWANG_REQUIRE_SERVICES") == "1":
            os.environ["YIWANG_TEST_SLOW"] = "1"


SHARED = {"db", "transactional_db", "live_server", "django_db_setup", "chromium"}
"""Fixtures that leave something in the process: the store's rows, the browser's event loop."""


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Whoever takes a server's or the browser's fixture carries its marker; long files first."""
    for item in items:
        if item.get_closest_marker("slow") and os.environ.get("YIWANG_TEST_SLOW") != "1":
            item.add_marker(pytest.mark.skip(reason="slow: in CI, or when the file is named"))
        taken = set(getattr(item, "fixturenames", ()))
        if taken & {"postgres_server", "mariadb_server", "mqtt"}:
            item.add_marker(pytest.mark.service)
        if "chromium" in taken:
            item.add_marker(pytest.mark.browser)
    yield  # pytest-django puts in order what uses the store
    _longest_first(items)


def _longest_first(items: list[pytest.Item]) -> None:
    """Whole counties first: last, one of them would let the other worker wait.

    Only files whose tests leave this process as it is: pytest-django has an order for those that
    use the store, and beside a browser nobody else begins an event loop.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    long = {
        path
        for path, tests in files.items()
        if any(one.get_closest_marker("slow") for one in tests)
        and not any(
            one.get_closest_marker("django_db") or SHARED & set(getattr(one, "fixturenames", ()))
            for one in tests
        )
    }
    items.sort(key=lambda item: item.path not in long)


def missing(what: str) -> None:
    """Skip the test, or fail it where the machine promised every service."""
    if os.environ.get("YIWANG_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{what} is required (YIWANG_REQUIRE_SERVICES=1) but not there")
    pytest.skip(f"{what} is not there")


def _reached(url: str, what: str) -> str:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1).close()
    except OSError:
        missing(f"{what} at {parts.hostname}:{parts.port}")
    return url


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """On SQLite the migrated database is a copy: forty migrations would take seconds.

    On PostgreSQL threads that wait for ever still hold sessions when the database is dropped.
    """
    if not stores.ON_POSTGRESQL:
        with django_db_blocker.unblock():
            prepared.migrate()
    yield
    if stores.ON_POSTGRESQL:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def _threads_close_their_sessions() -> Iterator[None]:
    """A thread of a test that ends leaves no session of PostgreSQL open."""
    ran = threading.Thread.run

    def run(thread: threading.Thread) -> None:
        try:
            ran(thread)
        finally:
            connections.close_all()

    with pytest.MonkeyPatch.context() as patch:
        if stores.ON_POSTGRESQL:
            patch.setattr(threading.Thread, "run", run)
        yield


@pytest.fixture(autouse=True)
def _fast_passwords(settings) -> None:  # type: ignore[no-untyped-def]
    settings.PASSWORD_HASHERS = prepared.FAST


@pytest.fixture
def cast(db):  # type: ignore[no-untyped-def]
    """The people of ``tests/cast.py`` with their accounts, all with the right ``tests.work``."""
    from cast import make_cast

    return make_cast()


@pytest.fixture(scope="module")
def settled_county(django_db_setup, django_db_blocker):  # type: ignore[no-untyped-def]
    """The county of ``tests/county.py`` installed once for a module, its tests undone."""
    from county import settle

    yield from prepared.for_module(django_db_blocker, settle)


@pytest.fixture(scope="module")
def applying_county(django_db_setup, django_db_blocker, tmp_path_factory):  # type: ignore[no-untyped-def]
    """The county of ``tests/applying.py`` in a home for the module, its tests undone."""
    import applying

    with override_settings(HOME=tmp_path_factory.mktemp("applying")):
        yield from prepared.for_module(django_db_blocker, applying.settle)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """A name that no other test process on this machine uses: for databases and topics."""
    return f"{getattr(request.config, 'workerinput', {}).get('workerid', 'main')}_{os.getpid()}"


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of a PostgreSQL server where we may create databases."""
    return _reached(POSTGRES, "PostgreSQL")


@pytest.fixture
def postgres(postgres_server: str, worker: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards."""
    import psycopg

    name = f"yiwang_test_{worker}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def mariadb_server() -> str:
    """The URL of a MariaDB server where we may create databases."""
    return _reached(MARIADB, "MariaDB")


@pytest.fixture
def mariadb(mariadb_server: str, worker: str) -> Iterator[str]:
    """The URL of an empty MariaDB database, dropped afterwards."""
    import pymysql

    name, server = f"yiwang_test_{worker}", urlsplit(mariadb_server)
    connection = pymysql.connect(
        host=server.hostname,
        port=server.port or 3306,
        user=server.username or "root",
        password=server.password or "",
        autocommit=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        yield server._replace(path=f"/{name}").geturl()
        cursor.execute(f"DROP DATABASE `{name}`")


@pytest.fixture(scope="session")
def mqtt() -> str:
    """The URL of an MQTT broker."""
    return _reached(MQTT, "an MQTT broker")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium, as a path for Playwright's ``executable_path``."""
    path = os.environ.get("YIWANG_TEST_CHROMIUM") or shutil.which("chromium")
    if not path or subprocess.run([path, "--version"], capture_output=True).returncode:
        missing("Chromium")
    return Path(str(path))
