"""CBL001 is true: Python, pip's parser, tomllib and python-dotenv refuse what it reports, and take what it does not."""

from __future__ import annotations

import importlib.util
import io
import sys
from typing import TYPE_CHECKING

import pytest
from dotenv.parser import parse_stream
from packaging.requirements import InvalidRequirement, Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

SOURCE = "app = Celery()\napp.config_from_object('celeryconfig')"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b'result_backend = "rpc://\n', "SyntaxError"),
        ('name = "Käse"\nresult_backend = "rpc://"\n'.encode("latin-1"), "SyntaxError"),
        (b'result_backend = "rpc://"\n\0', "SyntaxError"),
    ],
)
def test_celery_cannot_load_a_configuration_that_python_cannot_read(
    celery: RealCelery, tmp_path: Path, content: bytes, error: str
) -> None:
    (tmp_path / "celeryconfig.py").write_bytes(content)
    bad = celery.evaluate("app.conf.result_backend", SOURCE, root=tmp_path)
    assert bad.error in (error, "ValueError")  # NUL bytes: ValueError before 3.12
    (tmp_path / "celeryconfig.py").write_bytes(b'result_backend = "rpc://"\n')
    good = celery.evaluate("app.conf.result_backend", SOURCE, root=tmp_path)
    assert good.value == "rpc://"


@pytest.mark.parametrize(
    "content", ['\ufeffresult_backend = "rpc://"\n'.encode(), '# coding: latin-1\nname = "Käse"\n'.encode("latin-1")]
)
def test_python_reads_a_byte_order_mark_and_a_declared_encoding(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.py").write_bytes(content)
    spec = importlib.util.spec_from_file_location("config", tmp_path / "config.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_tomllib_refuses_a_table_that_is_not_closed() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads('[project\nname = "x"\n')
    tomllib.loads('[project]\nname = "x"\n')


def test_pip_refuses_a_line_that_is_no_requirement() -> None:
    with pytest.raises(InvalidRequirement):
        Requirement("celery[redis>=5.5")
    Requirement("celery[redis]>=5.5")


def test_python_dotenv_passes_a_bad_line_over() -> None:
    bindings = list(parse_stream(io.StringIO("A=1\n!! not a line\nB=2\n")))
    assert [binding.error for binding in bindings] == [False, True, False]
