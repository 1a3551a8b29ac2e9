"""The configuration file: where it is looked for, what it may say, and what is said when it is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.options import (
    KEYS,
    OUTPUT_FORMATS,
    SEVERITIES,
    ConfigurationError,
    Options,
    find_options,
    is_version,
    read_options,
)

EVERY_KEY = """\
select = ["CBL3", "pickle-serializer"]
extend-select = ["CBL401"]
ignore = ["CBL303"]
exclude = ["docs/"]
min-severity = "advice"
fail-on = "error"
output-format = "concise"
target-celery = "5.4"
per-file-ignores = {"tests/*" = ["CBL301"]}
"""


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def error_of(path: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_options(write(path, text))
    return str(caught.value)


# where


def test_nothing_said_means_the_defaults(tmp_path: Path) -> None:
    assert find_options(str(tmp_path)) == Options()


def test_every_key_is_read_from_a_file_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path / "celery-backend-lint.toml", EVERY_KEY)
    options = find_options(str(tmp_path))
    assert options.source == path
    assert options.selection.select == ("CBL3", "pickle-serializer")
    assert options.selection.extend_select == ("CBL401",)
    assert options.selection.ignore == ("CBL303",)
    assert options.exclude == ("docs/",)
    assert (options.min_severity, options.fail_on) == (Severity.ADVICE, Severity.ERROR)
    assert (options.output_format, options.target_celery) == ("concise", "5.4")
    assert options.per_file_ignores == (("tests/*", ("CBL301",)),)


def test_every_key_is_read_from_pyproject(tmp_path: Path) -> None:
    path = write(tmp_path / "pyproject.toml", "[tool.celery-backend-lint]\n" + EVERY_KEY)
    own = write(tmp_path / "own" / "celery-backend-lint.toml", EVERY_KEY)
    found = find_options(str(tmp_path))
    assert found.source == path
    assert [getattr(found, name) for name in Options.__match_args__[1:]] == [
        getattr(read_options(own), name) for name in Options.__match_args__[1:]
    ]


def test_the_nearest_file_above_is_taken_and_its_own_file_goes_first(tmp_path: Path) -> None:
    write(tmp_path / "celery-backend-lint.toml", 'ignore = ["CBL3"]')
    write(tmp_path / "a" / "pyproject.toml", '[project]\nname = "celery-backend-lint-plugin"')
    inner = tmp_path / "a" / "b"
    inner.mkdir()
    assert find_options(str(inner)).selection.ignore == ("CBL3",)
    write(tmp_path / "a" / "pyproject.toml", '[tool.celery-backend-lint]\nignore = ["CBL4"]')
    assert find_options(str(inner)).selection.ignore == ("CBL4",)
    write(tmp_path / "a" / "celery-backend-lint.toml", 'ignore = ["CBL5"]')
    assert find_options(str(inner)).selection.ignore == ("CBL5",)


def test_a_pyproject_that_names_the_tool_only_as_a_dependency_is_no_configuration(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[dependency-groups]\ndev = ["celery-backend-lint"]')
    assert find_options(str(tmp_path)) == Options()


def test_a_broken_pyproject_that_does_not_configure_the_tool_is_left_to_the_rules(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[dependency-groups\ndev = ["celery-backend-lint"]')
    assert find_options(str(tmp_path)) == Options()


def test_a_pyproject_that_is_a_folder_or_a_link_to_nothing_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()
    (tmp_path / "celery-backend-lint.toml").symlink_to("nowhere")
    assert find_options(str(tmp_path)) == Options()


def test_a_pyproject_given_by_name_without_the_table_says_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "pyproject.toml", "[project]\n")
    assert read_options(path) == Options(source=path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "celery-backend-lint.toml"
    path.write_bytes(b"\xef\xbb\xbf" + b'ignore = ["CBL3"]')
    assert read_options(str(path)).selection.ignore == ("CBL3",)


def test_pyproject_without_the_tool_costs_no_toml_parser(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[project]\nname = 'x'\n")
    program = (
        "import sys\nfrom celery_backend_lint.options import find_options\nfind_options(sys.argv[1])\n"
        "sys.exit('tomllib' in sys.modules or 'tomli' in sys.modules)"
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # coverage reads TOML
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=plain).returncode == 0


# what is wrong


def test_an_unknown_key_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    path = tmp_path / "celery-backend-lint.toml"
    assert error_of(path, "extend-selects = []") == (
        f"{path}: extend-selects: there is no such key; did you mean 'extend-select'?"
    )


def test_an_unknown_key_that_is_like_none_lists_them_all(tmp_path: Path) -> None:
    message = error_of(tmp_path / "celery-backend-lint.toml", "xyzzy = 1")
    assert all(key in message for key in KEYS)


def test_pyproject_errors_name_the_whole_key(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    message = error_of(path, "[tool.celery-backend-lint]\nselect = 3")
    assert message == f"{path}: tool.celery-backend-lint.select: expected a list of texts"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('select = "CBL3"', "select: expected a list of texts"),
        ("ignore = [3]", "ignore: expected a list of texts"),
        (
            "per-file-ignores = []",
            "per-file-ignores: expected a table of lists of texts, one list for each file pattern",
        ),
        ('per-file-ignores = {x = "CBL3"}', "per-file-ignores: expected a table of lists of texts"),
        (
            'min-severity = "warn"',
            'min-severity: expected one of "advice", "warning", "error"; did you mean \'warning\'?',
        ),
        ("fail-on = true", 'fail-on: expected one of "advice", "warning", "error"'),
        ("fail-on = []", "fail-on: expected one of"),
        ('output-format = "sarif"', 'output-format: expected one of "full", "concise", "json"'),
        ("target-celery = 5.4", 'target-celery: expected a release of Celery as text, such as "5.4"'),
        ('target-celery = ">=5.4"', "target-celery: expected a release"),
        ("select = [", "is not valid TOML"),
        ("x = " + "[" * 100_000, "is not valid TOML: it is nested too deeply"),
    ],
)
def test_a_wrong_value_is_an_error_that_says_what_was_expected(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in error_of(tmp_path / "celery-backend-lint.toml", text)


def test_a_table_that_is_none_is_an_error(tmp_path: Path) -> None:
    message = error_of(tmp_path / "pyproject.toml", "[tool]\ncelery-backend-lint = 3")
    assert message.endswith("tool.celery-backend-lint: expected a table")


def test_a_broken_pyproject_that_configures_the_tool_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "pyproject.toml", "[tool.celery-backend-lint]\nselect = [")
    with pytest.raises(ConfigurationError, match="is not valid TOML"):
        find_options(str(tmp_path))
    assert path


def test_undecodable_bytes_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "celery-backend-lint.toml"
    path.write_bytes(b'ignore = ["\xff"]')
    with pytest.raises(ConfigurationError, match="is not valid TOML"):
        read_options(str(path))


def test_a_pyproject_that_cannot_be_read_is_left_to_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "pyproject.toml", "[tool.celery-backend-lint]\nselect = []")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert find_options(str(tmp_path)) == Options()


def test_a_broken_file_pattern_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fnmatch.translate", lambda _: "[")  # no pattern is known to break it
    message = error_of(tmp_path / "celery-backend-lint.toml", 'exclude = ["x"]')
    assert "exclude: not a file pattern: " in message


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml: cannot be read: No such file"):
        read_options(str(tmp_path / "nowhere.toml"))


@pytest.mark.parametrize("text", ["5", "5.4", "5.4.0"])
def test_a_release_is_numbers_and_dots(text: str) -> None:
    assert is_version(text)


@pytest.mark.parametrize("text", ["", ".", "5.", "5.4rc1", ">=5", "٥.٤"])
def test_anything_else_is_no_release(text: str) -> None:
    assert not is_version(text)


# the schema


def schema() -> dict[str, dict[str, dict[str, object]]]:
    text = (files("celery_backend_lint") / "schema" / "celery-backend-lint.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, dict[str, object]]] = json.loads(text)
    return loaded


def test_the_schema_has_the_same_keys_in_the_same_order() -> None:
    assert list(schema()["properties"]) == list(KEYS) == sorted(KEYS)
    assert schema()["additionalProperties"] is False


@pytest.mark.parametrize("key", KEYS)
def test_the_schema_says_the_same_of_each_key(key: str) -> None:
    said = schema()["properties"][key]
    kind = KEYS[key]
    assert said["description"]
    if isinstance(kind, tuple):
        assert said["enum"] == list(kind)
    elif kind == "list":
        assert said.get("type") == "array" or said["$ref"] == "#/definitions/selectors"
    else:
        assert said["type"] == {"version": "string", "table of lists": "object", "switch": "boolean"}[kind]


def test_the_words_are_the_severities_and_the_formats() -> None:
    assert tuple(each.label for each in Severity) == SEVERITIES
    assert KEYS["output-format"] == OUTPUT_FORMATS
