"""The tables say what the Celery, kombu and SQLAlchemy that are installed here say; and what older releases said."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from importlib.metadata import requires, version

import pytest

from celery_backend_lint.model import facts

CELERY = facts.release_of(version("celery"))
KOMBU = facts.release_of(version("kombu"))
SQLALCHEMY = facts.release_of(version("sqlalchemy"))


def _as_table(default):
    if isinstance(default, timedelta):
        return ("timedelta", default.total_seconds())
    return tuple(default) if isinstance(default, list) else default


class TestSettingsAgreeWithTheInstalledCelery:
    def test_every_setting_that_celery_lists_has_its_default(self):
        from celery.app.defaults import DEFAULTS

        listed = {name: facts.default_of(name, CELERY) for name in facts.setting_names(CELERY)}
        assert {name: _as_table(default) for name, default in DEFAULTS.items()} == {
            name: default for name, default in listed.items() if facts.setting(name, CELERY).listed
        }

    def test_every_setting_has_its_type_and_section(self):
        from celery.app.defaults import NAMESPACES, Option

        def walk(options, section=""):
            for key, option in options.items():
                name = f"{section}_{key}" if section else key
                if isinstance(option, Option):
                    kind = option.type if isinstance(option.type, str) else option.type.__name__
                    found = facts.setting(name, CELERY)
                    assert (found.type, found.section) == (kind, section)
                    assert (found.deprecated, found.removed) == (option.deprecate_by, option.remove_by)
                    assert facts.type_of(name, CELERY) == kind
                else:
                    walk(option, name)

        walk(NAMESPACES)

    def test_old_names_lead_to_the_new_ones(self):
        from celery.app.defaults import _TO_NEW_KEY

        assert {old: facts.canonical(old, CELERY) for old in _TO_NEW_KEY} == _TO_NEW_KEY
        assert all(facts.is_old_name(old, CELERY) for old in _TO_NEW_KEY)

    def test_each_setting_names_its_old_names(self):
        from celery.app.defaults import _TO_NEW_KEY

        for name in facts.setting_names(CELERY):
            expected = sorted(old for old, new in _TO_NEW_KEY.items() if new == name)
            assert list(facts.setting(name, CELERY).old_names) == expected


class TestSettings:
    @pytest.mark.parametrize(
        "name",
        [
            "CELERY_BROKER_URL",
            "RESULT_BACKEND",
            "celery_result_backend",
            "broker_uri",
            "Result_Backend",
            "CELERY_ENABLE_UTC",
        ],
    )
    def test_a_name_that_celery_does_not_read_has_no_canonical_name(self, name):
        assert facts.canonical(name, CELERY) is None
        assert not facts.is_old_name(name, CELERY)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("BROKER_URL", "broker_url"),
            ("CELERY_RESULT_BACKEND", "result_backend"),
            ("CELERYD_CONCURRENCY", "worker_concurrency"),
            ("CELERY_TASK_RESULT_EXPIRES", "result_expires"),
            ("CELERY_RESULT_DBURI", "database_url"),
            ("S3_BUCKET", "s3_bucket"),
            ("RESULT_ACCEPT_CONTENT", "result_accept_content"),
        ],
    )
    def test_old_names_are_known_to_every_celery(self, old, new):
        assert {facts.canonical(old, one) for one in facts.celery_versions()} == {new}

    def test_a_setting_that_the_code_reads_without_listing_it_is_one(self):
        found = facts.setting("redis_client_name", (5, 7, 0))
        assert (found.listed, found.type, found.default) == (False, "any", None)
        assert facts.canonical("redis_client_name", (5, 7, 0)) == "redis_client_name"
        assert "redis_client_name" in facts.setting_names((5, 7, 0))

    def test_an_upper_case_name_that_only_code_reads_stands_for_itself(self):
        assert facts.canonical("CELERY_DB_REUSE_MAX", (5, 7, 0)) == "CELERY_DB_REUSE_MAX"
        assert not facts.is_old_name("CELERY_DB_REUSE_MAX", (5, 7, 0))

    def test_connection_options_are_the_default_from_5_6_3(self):
        assert facts.default_of("database_engine_options", (5, 6, 2)) is None
        assert facts.default_of("database_engine_options", (5, 6, 3)) == {"pool_pre_ping": True, "pool_recycle": 3600}

    def test_a_version_without_its_last_number_is_its_first_patch(self):
        assert facts.setting("result_chord_expires", (5, 7)) is not None
        assert facts.setting("result_chord_expires", (5, 6)) is None
        assert facts.setting("result_backend_always_retry", (4,)) is None

    def test_releases_outside_the_tables_are_answered_by_the_nearest(self):
        assert facts.setting("riak_backend_settings", (3, 1, 26)) is not None
        assert facts.setting("result_chord_expires", (6, 0, 0)) is not None
        assert facts.setting("riak_backend_settings", (6, 0, 0)) is None

    def test_unknown_names_have_neither_type_nor_default(self):
        assert facts.setting("result_backnd", CELERY) is None
        assert facts.type_of("result_backnd", CELERY) is None
        assert facts.default_of("result_backnd", CELERY) is None
        assert facts.setting_releases("result_backnd") == ()

    def test_when_a_setting_came_and_went(self):
        assert facts.setting_releases("result_backend") == (((), None),)
        assert facts.setting_releases("riak_backend_settings") == (((), (5, 0, 0)),)
        assert facts.setting_releases("result_backend_thread_safe") == (((5, 3, 0), None),)

    def test_a_changed_default_does_not_split_a_settings_life(self):
        assert facts.setting_releases("database_engine_options") == (((), None),)

    def test_a_setting_that_was_read_before_it_was_listed_has_one_life(self):
        assert not facts.setting("redis_retry_on_timeout", (4, 4, 2)).listed
        assert facts.setting("redis_retry_on_timeout", (4, 4, 3)).listed
        assert facts.setting_releases("redis_retry_on_timeout") == (((4, 4, 1), None),)

    def test_an_upgrade_lists_what_it_changes(self):
        assert [name for name, _, _ in facts.changed_settings((5, 6, 2), (5, 6, 3))] == ["database_engine_options"]
        came = {name: then for name, then, _ in facts.changed_settings((5, 6, 3), (5, 7, 0))}
        assert came["result_chord_expires"] is None

    @pytest.mark.parametrize("name", ["redis_host", "database_url", "result_persistent", "gcs_threadpool_maxsize"])
    def test_only_backends_read_the_settings_of_backends(self, name):
        assert facts.is_backend_setting(name, CELERY)

    @pytest.mark.parametrize(
        "name", ["broker_url", "task_serializer", "override_backends", "result_backend", "nonsense"]
    )
    def test_what_others_read_too_is_no_setting_of_a_backend(self, name):
        assert not facts.is_backend_setting(name, CELERY)


class TestBackends:
    def test_aliases_are_those_of_the_installed_celery_that_load(self):
        from importlib.util import find_spec

        from celery.app.backends import BACKEND_ALIASES

        loadable = {alias for alias, path in BACKEND_ALIASES.items() if _exists(find_spec, path)}
        assert set(facts.backends(CELERY)) == loadable
        assert "riak" in BACKEND_ALIASES
        assert "riak" not in loadable

    def test_class_paths_are_real(self):
        from celery.utils.imports import symbol_by_name

        for alias in ("redis", "sentinel", "rpc", "file", "disabled", "db"):
            assert (
                symbol_by_name(facts.backends(CELERY)[alias]).__name__
                == facts.backend(alias, CELERY).class_path.split(".")[-1]
            )

    def test_flags_are_those_of_the_classes(self):
        from celery.utils.imports import symbol_by_name

        for alias in ("redis", "sentinel", "rpc", "file", "db", "cache", "disabled"):
            cls = symbol_by_name(facts.backends(CELERY)[alias])
            real = {name for name in dir(cls) if name.startswith("supports_") and getattr(cls, name) is True}
            assert facts.backend(alias, CELERY).supports == real

    @pytest.mark.parametrize("alias", ["redis", "db", "rpc", "cache", "file"])
    def test_what_the_real_backend_asks_for_is_in_the_table(self, alias):
        asked = _read_by(alias)
        assert "result_expires" in asked
        assert {name for name in asked if not name.startswith("broker_")} <= facts.backend(alias, CELERY).settings

    def test_redis_reads_its_connection_settings(self):
        found = facts.backend("rediss", CELERY)
        assert {"redis_host", "redis_backend_use_ssl", "redis_client_name", "result_expires"} <= found.settings
        assert "redis_host" in _read_by("redis")
        assert not any(name.startswith(("database_", "s3_")) for name in found.settings)
        assert "result_persistent" not in found.settings
        assert found.transport_options >= {"global_keyprefix", "retry_policy"}
        assert "master_name" not in found.transport_options

    def test_only_sentinel_reads_the_master_name(self):
        assert {"master_name", "sentinel_kwargs"} <= facts.backend("sentinel", CELERY).transport_options

    def test_rpc_alone_reads_whether_results_are_persistent(self):
        readers = [
            alias for alias in facts.backends(CELERY) if "result_persistent" in facts.backend(alias, CELERY).settings
        ]
        assert readers == ["rpc"]

    @pytest.mark.parametrize(
        ("alias", "celery", "packages"),
        [
            ("redis", (5, 7, 0), (("redis",),)),
            ("database", (5, 7, 0), (("sqlalchemy",),)),
            ("rpc", (5, 7, 0), ()),
            ("file", (5, 7, 0), ()),
            ("disabled", (5, 7, 0), ()),
            ("mongodb", (5, 7, 0), (("pymongo",),)),
            ("cache", (5, 6, 3), (("pylibmc", "python-memcached"),)),
            ("cache", (5, 7, 0), (("pymemcache",),)),
            ("azureblockblob", (4, 4, 7), (("azure-storage",),)),
            ("gs", (5, 4, 0), (("google-cloud-storage",),)),
            ("consul", (5, 7, 0), (("python-consul2", "python-consul"),)),
        ],
    )
    def test_packages_of_a_backend(self, alias, celery, packages):
        assert facts.backend(alias, celery).packages == packages

    def test_the_extras_of_a_backend_bring_its_packages(self):
        for celery in facts.celery_versions():
            for alias in facts.backends(celery):
                found = facts.backend(alias, celery)
                assert bool(found.extras) == bool(found.packages), (alias, celery)
                if found.extras:
                    brought = {_name(text) for extra in found.extras for text in _expanded(celery, extra)}
                    assert all(brought & set(group) for group in found.packages), (alias, celery)

    def test_removed_backends_know_their_version(self):
        assert facts.removed_backend("amqp") == (5, 0, 0)
        assert facts.removed_backend("riak") == (5, 0, 0)

    @pytest.mark.parametrize("alias", ["redis", "gs", "postgresql", ""])
    def test_a_backend_that_is_there_or_never_was_is_not_removed(self, alias):
        assert facts.removed_backend(alias) is None

    @pytest.mark.parametrize("alias", ["riak", "amqp", "postgresql", "memory", "django-db", ""])
    def test_what_celery_cannot_load_is_no_backend(self, alias):
        assert facts.backend(alias, CELERY) is None

    def test_a_removed_backend_was_one_before(self):
        assert facts.backend("amqp", (4, 4, 7)).class_path == "celery.backends.amqp.AMQPBackend"
        assert facts.backend("gs", (5, 3, 6)) is None

    def test_django_celery_results_brings_its_aliases_by_entry_points(self):
        assert facts.third_party_backend("django-db") == (
            "django-celery-results",
            "django_celery_results.backends.DatabaseBackend",
        )
        assert facts.third_party_backend("django-cache")[0] == "django-celery-results"
        assert facts.third_party_backend("redis") is None

    def test_the_group_of_entry_points_is_celerys(self):
        import inspect

        from celery.app.backends import by_name

        assert inspect.signature(by_name).parameters["extension_namespace"].default == facts.ENTRY_POINT_GROUP


class TestRequirements:
    @pytest.mark.parametrize(("package", "release"), [("celery", CELERY), ("kombu", KOMBU)])
    def test_extras_are_those_of_the_installed_release(self, package, release):
        from packaging.requirements import Requirement

        real = {(_name(text), str(Requirement(text).specifier)) for text in requires(package)}
        names = ("", *facts.extras(package, release))
        ours = [Requirement(text) for name in names for text in facts.extra(package, release, name)]
        assert {(_name(str(one)), str(one.specifier)) for one in ours} == real

    def test_redis_range_of_kombu_by_release(self):
        assert facts.extra("kombu", (5, 4, 2), "redis") == ("redis!=4.5.5,!=5.0.2,>=4.5.2",)
        assert facts.extra("kombu", (5, 5, 0), "redis") == ("redis!=4.5.5,!=5.0.2,<=5.2.1,>=4.5.2",)
        assert any(">=6.4.0" in text for text in facts.extra("kombu", (5, 7, 0), "redis"))

    def test_newer_celery_hands_redis_on_to_kombu(self):
        assert facts.extra("celery", (5, 7, 0), "redis") == ("kombu[redis]",)
        assert facts.extra("celery", (5, 2, 7), "redis") == ("redis!=4.0.0,!=4.0.1,>=3.4.1",)

    def test_markers_are_kept_and_the_extra_is_not(self):
        found = facts.extra("celery", (4, 4, 7), "memcache")
        assert found == ('pylibmc; platform_system != "Windows"',)

    def test_an_extra_that_a_release_lacks_asks_for_nothing(self):
        assert facts.extra("celery", (5, 7, 0), "riak") == ()
        assert "riak" not in facts.extras("celery", (5, 7, 0))
        assert "riak" in facts.extras("celery", (4, 4, 7))

    def test_extras_of_other_packages_are_refused(self):
        with pytest.raises(KeyError):
            facts.extra("redis", (5, 0, 0))

    def test_python_range(self):
        assert facts.requires_python("celery", (5, 7, 0)) == ">=3.10"
        assert facts.requires_python("celery", (5, 0, 5)) == ">=3.6"
        assert facts.requires_python("kombu", (5, 7, 0)) == ">=3.10"

    def test_every_celery_has_a_kombu(self):
        for celery in facts.celery_versions():
            assert facts.kombu_specifier(celery)
            assert facts.kombu_of(celery) >= (4, 6, 8)
        assert facts.kombu_of((5, 5, 3)) == (5, 5, 4)
        assert facts.kombu_of((4, 4, 7)) == (4, 6, 11)


class TestReleases:
    def test_newest_of_all(self):
        assert facts.newest("celery") == facts.releases("celery")[-1]
        assert facts.release_of(facts.newest("celery")) == facts.celery_versions()[-1]

    @pytest.mark.parametrize(
        ("package", "specifier", "expected"),
        [
            ("celery", "==5.4.*", "5.4.0"),
            ("celery", ">=5.2,<5.3", "5.2.7"),
            ("celery", "~=5.3.1", "5.3.6"),
            ("celery", ">99", None),
            ("redis", "<5", "4.6.0"),
            ("sqlalchemy", "<2", "1.4.54"),
        ],
    )
    def test_newest_within_a_requirement(self, package, specifier, expected):
        assert facts.newest(package, specifier) == expected

    def test_releases_are_in_order_of_version_not_of_text(self):
        for package in ("celery", "kombu", "redis", "sqlalchemy", "django-celery-results"):
            found = [facts.release_of(text) for text in facts.releases(package)]
            assert found == sorted(found)

    def test_unknown_packages_are_refused(self):
        with pytest.raises(KeyError):
            facts.releases("flask")

    @pytest.mark.parametrize(
        ("text", "release"),
        [
            ("5.7.0", (5, 7, 0)),
            ("5.6.0rc1", (5, 6, 0)),
            ("5.6.0.dev3", (5, 6, 0)),
            ("5.6rc1", (5, 6)),
            (" v5 ", (5,)),
            ("2.0.5.post1", (2, 0, 5)),
            ("5.4.*", (5, 4)),
            ("main", ()),
            ("", ()),
        ],
    )
    def test_a_version_belongs_to_a_release(self, text, release):
        assert facts.release_of(text) == release


class TestKombu:
    def test_serializers_are_those_that_the_installed_kombu_registers(self):
        from kombu.serialization import registry

        found = facts.serializers(KOMBU)
        assert {name: one.content_type for name, one in found.items()} == registry.name_to_type

    def test_serializers_that_need_a_package(self):
        found = facts.serializers(KOMBU)
        assert (found["json"].packages, found["pickle"].packages) == ((), ())
        assert (found["yaml"].packages, found["msgpack"].packages) == (("pyyaml",), ("msgpack",))
        assert found["pickle"].content_encoding == "binary"

    def test_compressions_are_those_that_the_installed_kombu_registers(self):
        from kombu import compression

        found = facts.compressions(KOMBU)
        aliases = compression._aliases
        assert {name: found[name].content_type for name in aliases} == aliases
        assert set(compression.encoders()) <= set(found)
        assert all(name in aliases or name in compression.encoders() for name, one in found.items() if not one.packages)

    def test_zstd_needs_another_package_from_5_7(self):
        assert facts.compressions((5, 6, 2))["zstd"].packages == ("zstandard",)
        assert facts.compressions((5, 7, 0))["zstd"].packages == ("backports.zstd",)


class TestSqlalchemy:
    def test_default_drivers_are_those_of_the_installed_release(self):
        from sqlalchemy.dialects import registry

        for dialect, driver in facts.dialects(SQLALCHEMY).items():
            default, named = registry.load(dialect), registry.load(f"{dialect}.{driver}")
            assert (default.name, default.driver) == (named.name, named.driver)
            assert default.name == dialect

    def test_drivers_are_loadable_and_know_whether_they_are_asynchronous(self):
        from sqlalchemy.dialects import registry

        from celery_backend_lint.model.data.sqlalchemy import DRIVERS

        found = 0
        for key in DRIVERS:
            one = facts.driver(*key.split("+"), SQLALCHEMY)
            if one is not None:
                found += 1
                assert registry.load(key.replace("+", ".")).is_async == one.asynchronous, key
        assert found > 25

    @pytest.mark.parametrize(
        ("dialect", "sqlalchemy", "driver"),
        [
            ("postgresql", (1, 3, 24), "psycopg2"),
            ("postgresql", (2, 0, 58), "psycopg2"),
            ("postgresql", (2, 1), "psycopg"),
            ("postgresql", (2, 1, 9), "psycopg"),
            ("postgres", (1, 3, 24), "psycopg2"),
            ("postgres", (1, 4, 0), None),
            ("oracle", (2, 0, 58), "cx_oracle"),
            ("oracle", (2, 1, 0), "oracledb"),
            ("mysql", (2, 1, 0), "mysqldb"),
            ("mariadb", (1, 3, 24), None),
            ("mariadb", (1, 4, 0), "mysqldb"),
            ("sqlite", (2, 1, 0), "pysqlite"),
            ("mssql", (2, 1, 0), "pyodbc"),
            ("cockroachdb", (2, 1, 0), None),
        ],
    )
    def test_default_driver_by_release(self, dialect, sqlalchemy, driver):
        assert facts.default_driver(dialect, sqlalchemy) == driver

    @pytest.mark.parametrize(
        ("dialect", "driver", "packages"),
        [
            ("postgresql", "psycopg2", (("psycopg2-binary", "psycopg2"),)),
            ("postgresql", "psycopg", (("psycopg",),)),
            ("mysql", "mysqldb", (("mysqlclient",),)),
            ("mysql", "pymysql", (("pymysql",),)),
            ("mysql", "mysqlconnector", (("mysql-connector-python",),)),
            ("mariadb", "mariadbconnector", (("mariadb",),)),
            ("mssql", "pyodbc", (("pyodbc",),)),
            ("oracle", "oracledb", (("oracledb",),)),
            ("sqlite", "pysqlite", ()),
            ("sqlite", "aiosqlite", (("aiosqlite",),)),
            ("mysql", "aiomysql", (("aiomysql",), ("pymysql",))),
        ],
    )
    def test_distributions_of_a_driver(self, dialect, driver, packages):
        assert facts.driver(dialect, driver, (2, 1, 9)).packages == packages

    def test_a_driver_that_sqlalchemy_lacks_is_none(self):
        assert facts.driver("postgresql", "psycopg", (1, 4, 54)) is None
        assert facts.driver("postgresql", "nonsense", (2, 1, 9)) is None


class TestNames:
    def test_slips_of_the_pen_find_the_setting(self):
        assert facts.close_names("reslut_backend", facts.setting_names(CELERY))[0] == "result_backend"

    def test_unlike_names_find_nothing(self):
        assert facts.close_names("gracedb_host", facts.setting_names(CELERY)) == []

    def test_unknown_modules_have_no_distribution(self):
        assert facts.distributions("MySQLdb") == ("mysqlclient",)
        assert facts.distributions("nonsense") == ()


def test_reading_facts_imports_nothing_heavy():
    code = (
        "import enum, re, sys; before = set(sys.modules)\n"
        "from celery_backend_lint.model import facts\n"
        "facts.canonical('result_backend', (5, 7, 0)); facts.backend('redis', (5, 7, 0))\n"
        "facts.serializers((5, 7, 0)); facts.driver('postgresql', 'psycopg', (2, 1, 9))\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    found = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert set(found.stdout.split()) <= {"celery_backend_lint", "__future__", "annotationlib"}


def _exists(find_spec, path):
    try:
        return find_spec(path.replace(":", ".").rpartition(".")[0]) is not None
    except ModuleNotFoundError:
        return False


def _name(requirement):
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    return canonicalize_name(Requirement(requirement.replace("pytz>dev", "pytz")).name)


def _expanded(celery, extra):
    """An extra's requirements, with those of the kombu that it hands on to."""
    for text in facts.extra("celery", celery, extra):
        if text.startswith("kombu["):
            yield from facts.extra("kombu", facts.kombu_of(celery), text[6:].partition("]")[0])
        else:
            yield text


def _read_by(alias):
    """The settings that the real backend asks its app for while it is made."""
    from celery import Celery
    from celery.utils.imports import symbol_by_name

    class Listening(dict):
        def __getitem__(self, key):
            asked.add(key)
            return super().__getitem__(key)

    url = {"db": "sqlite://", "cache": "memory://", "file": "file:///tmp"}.get(alias, f"{alias}://")
    app = Celery("probe", broker="memory://", set_as_current=False)
    asked = set()
    assert app.conf.result_backend is None  # the first read puts the real configuration in place
    app.conf.maps.insert(0, Listening())
    symbol_by_name(facts.backends(CELERY)[alias])(app=app, url=url)
    return asked & set(facts.setting_names(CELERY))
