"""Reads of variables that the code writes itself, by whichever reader: what Python then has is never another value."""

from __future__ import annotations

import pytest

from tests.evaluate.agreement import assert_agrees

READS = {
    "os": ("", "os.environ.get('V', 'd')"),
    "decouple": ("from decouple import config\n", "config('V', default='d')"),
    "django-environ": ("import environ\nenv = environ.Env()\n", "env('V', default='d')"),
    "django-environ, a number": ("import environ\nenv = environ.Env()\n", "env.int('V', default=5)"),
    "environs": ("from environs import Env\nenv = Env()\n", "env.str('V', 'd')"),
    "Starlette": ("from starlette.config import Config\nconfig = Config()\n", "config('V', default='d')"),
}
WRITES = [
    "os.environ['V'] = '7'",
    "os.environ.setdefault('V', '7')",
    "n = 'V'\nos.environ[n] = '7'",
    "for k in ('V',): os.environ[k] = '7'",
    "for k, v in {'V': '7'}.items(): os.environ.setdefault(k, v)",
    "for line in ('V=7',):\n    k, v = line.split('=', 1)\n    os.environ.setdefault(k, v)",
    "name = '.env'\nfor k, v in {'V': '7'}.items(): os.environ.setdefault(k, v)",
    "name = '.env'\nfor line in ('V=7',):\n    k, v = line.split('=', 1)\n    os.environ[k] = v",
    "os.environ |= {'V': '7'}",
    "os.environ.update(V='7')",
    "os.environ[f'{\"V\"}'] = '7'",
    "os.environ[['V'][0]] = '7'",
    "e = os.environ\ne['V'] = '7'",
    "from os import environ as x\nx['V'] = '7'",
    "os.environ.__setitem__('V', '7')",
    "n = 'V'\nos.environ.__setitem__(n, '7')",
    "def f(k, v):\n    os.environ[k] = v\nf('V', '7')",
]
NO_WRITES = [
    "os.environ['W'] = '7'",
    "os.environ.setdefault('W', '7')",
    "x = os.environ['PATH'] == '7'",
    "n = 'PATH'\nx = os.environ[n]",
    "n = 'PATH'\nif os.environ[n] == 'q': pass",
    "d = {}\nd[os.environ['PATH']] = 1\nn = 'PATH'\nd[os.environ[n]] = 1",
    "# os.environ[name] = value",
    "class Request:\n    environ = {}\nn = 'V'\nRequest.environ[n] = '7'",
]
BY_HAND = """
import pathlib
file = pathlib.Path(".env")
if file.exists():
    for line in file.read_text().splitlines():
        if "=" in line:
            key, value = line.split("=", 1)
            os.environ.setdefault(key.strip(), value.strip())
"""
"""What load_dotenv() does, in a folder without such a file."""

NO_WRITES.append(BY_HAND)

ENVIRONMENT = {"PATH": "/bin"}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(("imports", "read"), READS.values(), ids=READS)
def test_a_written_variable_is_no_default(imports: str, read: str, write: str) -> None:
    found = assert_agrees(f"import os\n{imports}{write}\nRESULT = {read}\n", ENVIRONMENT)
    assert found.known.get("RESULT", "7") in ("7", 7)


@pytest.mark.parametrize("write", NO_WRITES)
@pytest.mark.parametrize(("imports", "read"), READS.values(), ids=READS)
def test_what_writes_no_such_variable_leaves_the_default(imports: str, read: str, write: str) -> None:
    found = assert_agrees(f"import os\n{imports}{write}\nRESULT = {read}\n", ENVIRONMENT)
    assert found.known["RESULT"] in ("d", 5)
