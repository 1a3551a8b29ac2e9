"""CBL708 is true: the same project has another result backend, or other settings of results, in another release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

OLDER = ("5.3.6", "5.5.3", "5.6.3")
APP = "from celery import Celery\napp = Celery({})\napp.config_from_object('conf', namespace='CELERY')\n{}"


def project(conf: str, arguments: str = "", after: str = "") -> dict[str, str]:
    return {"proj.py": APP.format(arguments, after), "conf.py": conf}


def has(celery: RealCelery, root: Path, files: dict[str, str], setting: str) -> object:
    loaded = celery.load(root, files)
    assert not loaded.error
    return loaded.effective.get(setting, loaded.settings[setting])


@pytest.mark.parametrize("older", OLDER)
@pytest.mark.parametrize(
    ("files", "setting", "before", "after"),
    [
        (project("CELERY_RESULT_BACKEND = 'redis://h'", "backend='rpc://'"), "result_backend", "redis://h", "rpc://"),
        (project("CELERY_RESULT_EXPIRES = 3600", after="app.conf.result_expires = 60"), "result_expires", 3600, 60),
        (project("CELERY_RESULT_EXPIRES = 3600", "result_expires=60"), "result_expires", 3600, 60),
        (project("CELERY_IGNORE_RESULT = True"), "task_ignore_result", False, True),
        (project("CELERY_MAX_CACHED_RESULTS = 5"), "result_cache_max", -1, 5),
    ],
)
def test_up_to_5_6_it_is_one_and_from_5_7_on_another(
    celery_at: Callable[[str], RealCelery],
    tmp_path: Path,
    older: str,
    files: dict[str, str],
    setting: str,
    before: object,
    after: object,
) -> None:
    assert has(celery_at(older), tmp_path, files, setting) == before
    assert has(celery_at("newest"), tmp_path, files, setting) == after


@pytest.mark.parametrize(
    ("files", "setting"),
    [
        (project("CELERY_RESULT_BACKEND = 'redis://h'"), "result_backend"),
        (project("CELERY_RESULT_EXPIRES = 60"), "result_expires"),
        (project("CELERY_TASK_IGNORE_RESULT = True"), "task_ignore_result"),
        (project("CELERY_RESULT_EXPIRES = 60\nCELERY_TASK_RESULT_EXPIRES = 3600"), "result_expires"),
        (project("CELERY_RESULT_BACKEND = 'redis://h'", "backend=None"), "result_backend"),
    ],
)
def test_said_once_and_by_the_new_name_it_is_the_same_in_every_release(
    celery_at: Callable[[str], RealCelery], tmp_path: Path, files: dict[str, str], setting: str
) -> None:
    values = {has(celery_at(version), tmp_path, files, setting) for version in (*OLDER, "newest")}
    assert len(values) == 1


@pytest.mark.parametrize("older", OLDER)
def test_tls_options_beside_a_plain_url_raise_up_to_5_6_and_mean_tls_from_5_7_on(
    celery_at: Callable[[str], RealCelery], older: str
) -> None:
    options = {"ssl_cert_reqs": "required"}
    tls = "app.backend.connparams['connection_class'].__name__"
    failed = celery_at(older).evaluate(tls, result_backend="redis://h", redis_backend_use_ssl=options)
    assert failed.fails_with("ValueError", "SSL connection parameters")
    works = celery_at("newest").evaluate(tls, result_backend="redis://h", redis_backend_use_ssl=options)
    assert works.value == "SSLConnection"
    for version in (older, "newest"):
        good = celery_at(version).evaluate(tls, result_backend="rediss://h", redis_backend_use_ssl=options)
        assert good.value == "SSLConnection"
