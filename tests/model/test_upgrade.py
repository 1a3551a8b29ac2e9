"""Each kind of change between two releases of Celery, and that real Celery of both shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import (
    Duration,
    Entry,
    Environment,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Method,
    Missing,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.location import Location, Span
from celery_backend_lint.model.upgrade import (
    ACCEPTED,
    ALIVE,
    BACKEND,
    DEAD,
    DEFAULT,
    HEEDED,
    IGNORED,
    REFUSED,
    VALUE,
    Change,
    compare,
    release_named,
)
from celery_backend_lint.model.value_identity import form_of, form_of_object
from tests.model.build import model_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from celery_backend_lint.model.upgrade import Upgrade
    from tests.proofs.real import RealCelery

IMPORT = "from celery import Celery\n"
NAMESPACED = "app.config_from_object('conf', namespace='CELERY')\n"


def upgrade(root: Path, files: dict[str, str], before: str = "5.6.3", after: str = "5.7.0") -> Upgrade:
    return compare(model_of(root, files), before, after)


def changes(root: Path, files: dict[str, str], before: str = "5.6.3", after: str = "5.7.0") -> list[Change]:
    (app,) = upgrade(root, files, before, after).apps
    return list(app.changes)


def told(root: Path, files: dict[str, str], before: str = "5.6.3", after: str = "5.7.0") -> list[tuple[str, str, str]]:
    return [(change.kind, change.name, change.why) for change in changes(root, files, before, after)]


def proj(*lines: str, conf: str = "") -> dict[str, str]:
    return {"proj.py": IMPORT + "".join(f"{line}\n" for line in lines), **({"conf.py": conf} if conf else {})}


WINS = "from Celery 5.7.0 on the argument of Celery() wins over a namespaced setting; before, the setting wins"
OLD = "from Celery 5.7.0 on old names are read under a namespace as well"


def test_the_constructor_and_a_namespaced_setting_swap_places(
    tmp_path: Path, celery_at: Callable[[str], RealCelery]
) -> None:
    files = proj("app = Celery('p', backend='rpc://')", NAMESPACED, conf="CELERY_RESULT_BACKEND = 'redis://h'\n")
    assert told(tmp_path, files) == [(VALUE, "result_backend", WINS)]
    assert told(tmp_path, files, "5.7.0", "5.6.3") == [(VALUE, "result_backend", WINS)]
    assert told(tmp_path, files, "5.3.6", "5.6.3") == []
    (change,) = changes(tmp_path, files)
    assert (change.before.assignment.place, change.after.assignment.place) == ("module", "constructor")  # type: ignore[union-attr]
    real = {version: celery_at(version).load(tmp_path, files).effective for version in ("5.3.6", "5.6.3", "newest")}
    assert [one["result_backend"] for one in real.values()] == ["redis://h", "redis://h", "rpc://"]


def test_what_a_place_beats_is_said_though_its_value_is_not_known(tmp_path: Path) -> None:
    files = proj(
        "from elsewhere import url", "app = Celery('p', backend=url())", NAMESPACED, conf="CELERY_RESULT_BACKEND='rpc://'"
    )  # fmt: skip
    assert told(tmp_path, files) == [(VALUE, "result_backend", WINS)]


def test_add_defaults_wins_over_a_namespaced_setting(tmp_path: Path, celery_at: Callable[[str], RealCelery]) -> None:
    files = proj(
        "app = Celery()", NAMESPACED, "app.add_defaults({'task_acks_late': True})",
        conf="CELERY_TASK_ACKS_LATE = 0\n",
    )  # fmt: skip
    why = "from Celery 5.7.0 on the dict of settings is looked at first, whatever the names"
    assert told(tmp_path, files) == [(VALUE, "task_acks_late", why)]
    real = [celery_at(version).load(tmp_path, files).settings["task_acks_late"] for version in ("5.6.3", "newest")]
    assert real == [0, True]


def test_old_names_under_a_namespace_come_alive_and_die(tmp_path: Path, celery_at: Callable[[str], RealCelery]) -> None:
    files = proj("app = Celery()", NAMESPACED, conf="CELERYD_CONCURRENCY = 4\nCELERY_ALWAYS_EAGER = True\n")
    assert told(tmp_path, files) == [(ALIVE, "task_always_eager", OLD), (ALIVE, "worker_concurrency", OLD)]
    assert [kind for kind, _, _ in told(tmp_path, files, "5.7.0", "5.5.3")] == [DEAD, DEAD]
    real = [celery_at(version).load(tmp_path, files).settings for version in ("5.6.3", "newest")]
    assert [(one["task_always_eager"], one["worker_concurrency"]) for one in real] == [(False, None), (True, 4)]


def test_an_old_name_that_says_what_is_the_default_anyway_changes_nothing(tmp_path: Path) -> None:
    files = proj("app = Celery()", NAMESPACED, conf="CELERY_TASK_RESULT_EXPIRES = 86400\nCELERY_ALWAYS_EAGER = False\n")
    assert told(tmp_path, files) == [(ALIVE, "result_expires", OLD)], "a number is not the timedelta of the default"
    files["conf.py"] = "from datetime import timedelta\nCELERY_TASK_RESULT_EXPIRES = timedelta(days=1)\n"
    assert told(tmp_path, files) == []


def test_settings_that_one_release_does_not_know(tmp_path: Path, celery_at: Callable[[str], RealCelery]) -> None:
    files = proj("app = Celery(task_acks_on_failure=False)")
    why = "Celery 5.6.3 does not know this setting"
    assert told(tmp_path, files) == [(ALIVE, "task_acks_on_failure", why)]
    assert told(tmp_path, files, "5.7.0", "5.6.3") == [(DEAD, "task_acks_on_failure", why)]
    names = [celery_at(version).load(tmp_path, files).settings for version in ("5.6.3", "newest")]
    assert ["task_acks_on_failure" in one for one in names] == [False, True]


def test_a_mix_of_names_that_only_one_release_sees(tmp_path: Path, celery_at: Callable[[str], RealCelery]) -> None:
    files = proj(
        "app = Celery('p')", "app.config_from_object('conf')",
        conf="BROKER_URL = 'amqp://'\nCELERY_TIMEZONE = 'UTC'\ntask_acks_on_failure = True\n",
    )  # fmt: skip
    ((kind, name, why),) = told(tmp_path, files)
    assert (kind, name) == (REFUSED, "task_acks_on_failure")
    assert why.startswith("old and new names stand in one configuration: task_acks_on_failure must be ")
    assert [kind for kind, _, _ in told(tmp_path, files, "5.7.0", "5.6.3")] == [ACCEPTED]
    assert not celery_at("5.6.3").load(tmp_path, files).error
    assert celery_at("newest").load(tmp_path, files).error == "ImproperlyConfigured"


def test_backends_that_one_release_cannot_load(tmp_path: Path, celery_at: Callable[[str], RealCelery]) -> None:
    files = proj("app = Celery('p', backend='gs://bucket/x')")
    assert told(tmp_path, files, "5.3.6", "5.6.3") == [
        (ACCEPTED, "result_backend", "Celery 5.3.6 has no result backend gs")
    ]
    assert [kind for kind, _, _ in told(tmp_path, files, "5.6.3", "5.3.6")] == [REFUSED]
    known = "'gs' in __import__('celery.app.backends', fromlist=['x']).BACKEND_ALIASES"
    assert [celery_at(version).evaluate(known).value for version in ("5.3.6", "newest")] == [False, True]
    removed = proj("app = Celery('p', backend='amqp://')")
    assert told(tmp_path, removed, "4.4.7", "5.3.6") == [
        (REFUSED, "result_backend", "Celery 5.3.6 has no result backend amqp")
    ]
    assert celery_at("5.3.6").evaluate("app.backend", result_backend="amqp://").error


def test_a_backend_that_another_release_takes_for_another(tmp_path: Path) -> None:
    files = proj("app = Celery('p', backend='celery.backends.gcs:GCSBackend')")
    assert told(tmp_path, files, "5.3.6", "5.6.3") == [
        (BACKEND, "result_backend", "Celery 5.3.6 does not know gs by it")
    ]


def test_tls_options_beside_a_plain_url(tmp_path: Path, celery_at: Callable[[str], RealCelery]) -> None:
    options = {"ssl_cert_reqs": "required"}
    files = proj(f"app = Celery('p', backend='redis://h', redis_backend_use_ssl={options})")
    why = "before Celery 5.7.0 TLS options beside a redis:// URL are refused"
    assert told(tmp_path, files) == [(ACCEPTED, "redis_backend_use_ssl", why)]
    assert told(tmp_path, files, "5.7.0", "5.6.3") == [(REFUSED, "redis_backend_use_ssl", why)]
    settings: Any = {"result_backend": "redis://h", "redis_backend_use_ssl": options}
    assert celery_at("5.6.3").evaluate("app.backend", settings=settings).fails_with("ValueError", "redis://")
    assert celery_at("newest").evaluate("app.backend", settings=settings).works()
    assert told(tmp_path, proj(f"app = Celery('p', backend='rediss://h', redis_backend_use_ssl={options})")) == []


STORED = "open(__import__('glob').glob(folder + '/*')[0], 'rb').read()[:9]"


def test_settings_that_only_one_releases_backend_reads(tmp_path: Path, celery_at: Callable[[str], RealCelery]) -> None:
    files = proj("app = Celery('p', backend='file:///results', result_compression='gzip')")
    why = "of the two only Celery 5.7.0 has a file backend that reads it"
    assert told(tmp_path, files) == [(HEEDED, "result_compression", why)]
    assert told(tmp_path, files, "5.7.0", "5.6.3") == [(IGNORED, "result_compression", why)]
    for version, start in (("5.6.3", b'{"status"'), ("newest", b"\x00celery-c")):
        folder = tmp_path / version
        folder.mkdir()
        source = (
            f"folder = {str(folder)!r}\napp = Celery('p', backend='file://' + folder, result_compression='gzip')\n"
            "app.backend.store_result('id', 'x' * 50, 'SUCCESS')"
        )
        assert celery_at(version).evaluate(STORED, source).value == start


def test_defaults_that_show_through(tmp_path: Path, celery_at: Callable[[str], RealCelery]) -> None:
    files = proj("app = Celery('p', backend='db+sqlite:///r.db')")
    (change,) = changes(tmp_path, files, "5.5.3", "5.6.3")
    assert (change.kind, change.name) == (DEFAULT, "database_engine_options")
    assert (change.before.text, change.after.text) == ("None", "{'pool_pre_ping': True, 'pool_recycle': 3600}")
    assert change.why == "Celery's default has changed, and the project sets none"
    real = [celery_at(version).load(tmp_path, files).settings[change.name] for version in ("5.5.3", "5.6.3")]
    assert list(map(repr, real)) == [change.before.text, change.after.text]
    set_by_it = proj("app = Celery('p', backend='db+sqlite:///r.db', database_engine_options={})")
    assert told(tmp_path, set_by_it, "5.5.3", "5.6.3") == []
    assert told(tmp_path, proj("app = Celery('p', backend='redis://')"), "5.5.3", "5.6.3") == [], "another backend's"


def test_what_cannot_be_read_is_left_open(tmp_path: Path) -> None:
    files = proj(
        "from elsewhere import more", "app = Celery()", "app.conf.update(more())", NAMESPACED,
        conf="CELERYD_CONCURRENCY = 4\n",
    )  # fmt: skip
    (app,) = upgrade(tmp_path, files).apps
    assert app.changes == ()
    ((name, why),) = app.open
    assert name == "worker_concurrency"
    assert why


def test_what_only_follows_another_setting_is_not_said_twice(tmp_path: Path) -> None:
    files = proj("app = Celery()", NAMESPACED, conf="BROKER_URL = 'amqp://h'\n")
    assert told(tmp_path, files) == [(ALIVE, "broker_url", OLD)]


def test_packages(tmp_path: Path) -> None:
    files = {**proj("app = Celery('p', backend='redis://')"), "requirements.txt": "celery==5.3.6\nredis==4.5.1\n"}
    found = {change.name: change for change in upgrade(tmp_path, files, "5.3.6", "5.7.0").packages}
    assert {"Python", "kombu", "redis"} <= set(found)
    assert (found["kombu"].before.text, found["kombu"].after.text) == ("<6.0,>=5.3.4", ">=5.7.0")
    assert found["redis"].why == "what celery[redis] installs; the project's redis==4.5.1 is outside of the new range"
    files["requirements.txt"] = "celery\nredis>=5\n"
    found = {change.name: change for change in upgrade(tmp_path, files, "5.3.6", "5.7.0").packages}
    assert found["redis"].why == "what celery[redis] installs"
    files["requirements.txt"] = "celery\nredis<6\n"
    found = {change.name: change for change in upgrade(tmp_path, files, "5.3.6", "5.7.0").packages}
    assert found["redis"].why.endswith("the project's redis<6 is outside of the new range")


def test_no_project_changes_in_nothing(tmp_path: Path) -> None:
    assert compare(None, "5.6.3", "5.7.0").apps == ()


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("5.6", "5.6.3"),
        ("5.6.1", "5.6.1"),
        ("5", "5.7.0"),
        ("4.4", "4.4.7"),
        ("5.8", None),
        ("5.6.x", None),
        ("", None),
    ],
)
def test_releases_by_name(text: str, release: str | None) -> None:
    assert release_named(text) == release


HERE = Location("a.py", Span(1, 1, 1, 2))
THERE = Location("b.py", Span(1, 1, 1, 2))


def both(make: Callable[[Location], Any]) -> tuple[object, object]:
    return form_of(make(HERE)), form_of(make(THERE))


@pytest.mark.parametrize(
    "make",
    [
        lambda at: Literal("x", at),
        lambda at: External("ssl.CERT_NONE", at),
        lambda at: Duration(5, at),
        lambda at: Environment(("X",), Literal("x", at), "str", "os.environ", at),
        lambda at: Text((Literal("x", at), Environment(("X",), None, "str", "os.environ", at)), at),
        lambda at: Sequence("list", (Literal(1, at),), at),
        lambda at: Mapping((Entry(Literal("k", at), Literal(1, at), at),), at),
        lambda at: Instance(External("kombu.Queue", at), (Literal("q", at),), (), at),
        Missing,
    ],
)
def test_values_are_the_same_wherever_they_stand(make: Callable[[Location], Any]) -> None:
    one, other = both(make)
    assert one == other


@pytest.mark.parametrize(
    "make",
    [
        lambda at: Unknown("a call", at),
        lambda at: Function("f", None, None, at),  # type: ignore[arg-type]
        lambda at: Method(Function("f", None, None, at), None, at),  # type: ignore[arg-type]
        lambda at: Sequence("list", (), at, complete=False),
        lambda at: Mapping((), at, complete=False),
    ],
)
def test_what_is_not_known_is_the_same_in_its_place_only(make: Callable[[Location], Any]) -> None:
    one, other = both(make)
    assert one != other
    assert form_of(make(HERE)) == one


def test_defaults_have_the_form_of_values() -> None:
    assert form_of_object(("timedelta", 86400.0)) == form_of(Duration(86400.0, HERE))
    assert form_of_object(("json",)) == form_of(Sequence("tuple", (Literal("json", HERE),), HERE))
    assert form_of_object({"a": 1}) == form_of(Mapping((Entry(Literal("a", HERE), Literal(1, HERE), HERE),), HERE))
    assert form_of_object(True) != form_of(Literal(1, HERE))
