"""The tables are what the published wheels say, and the generator tells when they are not. Needs the package index."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from celery_backend_lint.model import facts

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = ROOT / "scripts"


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    return tmp_path_factory.mktemp("wheels")


@pytest.fixture
def generator(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import generate_celery_data

    return generate_celery_data


@pytest.fixture
def readers(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import celery_data_readers

    return celery_data_readers


def _run(root, *arguments):
    command = [sys.executable, str(root / "scripts" / "generate_celery_data.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_newest_release_regenerated_from_its_wheels_is_what_is_checked_in(wheels):
    done = _run(ROOT, "--only", facts.newest("celery"), "--cache", wheels)
    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing differs\n", "")


def test_a_table_that_says_something_else_is_found_out(wheels, tmp_path):
    shutil.copytree(SCRIPTS, tmp_path / "scripts")
    data = tmp_path / "celery_backend_lint" / "model" / "data"
    shutil.copytree(ROOT / "celery_backend_lint" / "model" / "data", data)
    kombu = data / "kombu.py"
    kombu.write_text(kombu.read_text().replace("'application/json'", "'application/jsno'"))
    done = _run(tmp_path, "--only", facts.newest("celery"), "--cache", wheels)
    assert done.returncode == 1
    assert done.stdout.startswith("kombu.py SERIALIZERS['json'] for kombu (")
    assert "application/jsno" in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_a_release_that_is_not_published_is_said_so(wheels):
    done = _run(ROOT, "--only", "99.0.0", "--cache", wheels)
    assert done.returncode == 1
    assert "celery==99.0.0" in done.stderr
    assert "Traceback" not in done.stderr


def test_history_keeps_a_row_for_each_change(generator):
    releases = [
        ((1, 0), {"T": {"same": 1, "gone": 1, "changed": 1, "back": 1}}),
        ((1, 1), {"T": {"same": 1, "changed": 2}}),
        ((1, 2), {"T": {"same": 1, "changed": 2, "back": 1, "new": 1}}),
    ]
    assert generator.history(releases) == {
        "T": {
            "back": (((), (1, 1), 1), ((1, 2), None, 1)),
            "changed": (((), (1, 1), 1), ((1, 1), None, 2)),
            "gone": (((), (1, 1), 1),),
            "new": (((1, 2), None, 1),),
            "same": (((), None, 1),),
        }
    }


def test_values_that_compare_equal_but_read_differently_are_a_change(generator):
    rows = generator.history([((1,), {"T": {"key": 1}}), ((2,), {"T": {"key": True}})])["T"]["key"]
    assert [repr(value) for _, _, value in rows] == ["1", "True"]


def test_history_read_back_at_each_release_gives_the_release(generator):
    releases = [((1,), {"T": {"a": 1, "b": 2}}), ((2,), {"T": {"b": 3}}), ((3,), {"T": {"a": 1, "b": 3}})]
    rows = generator.history(releases)["T"]
    assert [generator.at(rows, version) for version, _ in releases] == [tables["T"] for _, tables in releases]


def test_the_same_releases_give_the_same_text_whatever_their_order_of_keys(generator):
    tables = {name: {} for tables in generator.FILES.values() for name in tables}
    texts = []
    for keys in ("ab", "ba"):
        given = [((1,), {**tables, "OLD_NAMES": dict.fromkeys(keys, float("inf"))})]
        histories = dict.fromkeys(generator.READERS, generator.history(given))
        texts.append(generator.texts(histories, {"celery": [(1,)]}))
    assert texts[0] == texts[1]
    scope = {}
    exec(texts[0]["settings.py"], scope)
    assert scope["OLD_NAMES"] == {"a": (((), None, float("inf")),), "b": (((), None, float("inf")),)}


def test_only_the_newest_patch_speaks_for_a_minor_of_sqlalchemy(generator):
    assert generator.samples("sqlalchemy", [(2, 0, 1), (2, 0, 2), (2, 1, 0)]) == {(2, 0): (2, 0, 2), (2, 1): (2, 1, 0)}
    assert generator.samples("celery", [(5, 0, 1), (5, 0, 2)]) == {(5, 0, 1): (5, 0, 1), (5, 0, 2): (5, 0, 2)}


@pytest.mark.parametrize(
    ("line", "extra", "requirement"),
    [
        ("redis (>=3.2.0) ; extra == 'redis'", "redis", "redis>=3.2.0"),
        ('kombu[redis]; extra == "redis"', "redis", "kombu[redis]"),
        ("kombu (<4.7,>=4.6.10)", "", "kombu<4.7,>=4.6.10"),
        ("pytz (>dev)", "", "pytz>dev"),
        (
            "pylibmc ; (platform_system != \"Windows\") and extra == 'memcache'",
            "memcache",
            'pylibmc; platform_system != "Windows"',
        ),
        ('exceptiongroup>=1.3.1; python_version < "3.11"', "", 'exceptiongroup>=1.3.1; python_version < "3.11"'),
        ("pymongo[srv] (>=3.3.0) ; extra == 'mongodb'", "mongodb", "pymongo[srv]>=3.3.0"),
    ],
)
def test_requirements_come_in_one_spelling(readers, line, extra, requirement):
    assert readers._requirement(line) == (extra, requirement)


def test_a_line_that_is_no_requirement_is_an_error(readers):
    with pytest.raises(ValueError, match="==1"):
        readers._requirement("==1")


def test_reads_of_the_configuration_in_every_spelling(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(SCRIPTS)
    import celery_data_backends
    import celery_data_readers

    source = """
class Backend:
    supports_autoexpire = True
    def __init__(self):
        conf = self.app.conf
        _get = self.app.conf.get
        self.a = conf.listed_attribute, conf.update, _get('by_getter'), conf['by_item'], self.app.conf.get('by_get')
        if 'by_in' in conf and conf.value_set_for('by_value_set'):
            conf.find_value_for_key('extended', 'result')
        options = conf.get('result_backend_transport_options', {})
        options['first'], options.get('second'), self._transport_options['third']
        {}.get('not_a_setting'), other['not_a_setting']
    def prepare_nothing(self):
        return self.app.conf['read_by_nobody']
"""
    backends = """
BACKEND_ALIASES = {
    'one': 'celery.backends.one:Backend', 'disabled': 'celery.backends.one:Backend', 'gone': 'celery.backends.gone:B',
}
"""
    defaults = """
class Option:
    default, type, old, deprecate_by, remove_by, alt = None, 'string', (), None, None, None
NAMESPACES = {'listed': {'attribute': Option()}}
_TO_NEW_KEY = {'LISTED_ATTRIBUTE': 'listed_attribute'}
"""
    path = tmp_path / "celery-1.0-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        archive.writestr("celery/app/backends.py", backends)
        archive.writestr("celery/app/defaults.py", defaults)
        archive.writestr("celery/backends/one.py", source)
        archive.writestr("celery-1.0.dist-info/METADATA", "Name: celery\nProvides-Extra: one\n\nText")
    tables = celery_data_backends.backends(celery_data_readers.Wheel(path))
    shared = tables["BACKENDS"][""][0]
    assert shared == (
        "by_get",
        "by_getter",
        "by_in",
        "by_item",
        "by_value_set",
        "listed_attribute",
        "result_backend_transport_options",
        "result_extended",
    )
    assert tables["BACKENDS"]["one"] == ((), ("first", "second", "third"), (), ("supports_autoexpire",), ("one",))
    assert tables["ALIASES"]["gone"] == ("celery.backends.gone.B", False)
    assert "gone" not in tables["BACKENDS"]
    assert tables["BACKEND_ONLY"] == {"listed_attribute": True}
    assert tables["UNLISTED"]["by_get"] == ("celery.backends.one",)
