"""A module's own ``__getattr__`` (PEP 562), followed where it is a pure function of the name."""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

import pytest

from tests.evaluate.agreement import assert_knows, assert_unknown


@pytest.mark.parametrize(
    "body",
    [
        "def __getattr__(name):\n    if name in _V:\n        return _V[name]\n    raise AttributeError(name)",
        "def __getattr__(name):\n    if name not in _V:\n        raise AttributeError(name)\n    return _V[name]",
        "def __getattr__(name):\n    try:\n        return _V[name]\n    except KeyError:\n        raise AttributeError(name)",
        "def __getattr__(name: str) -> str:\n    return _V.get(name, 'none')",
        "def __getattr__(name):\n    if name == 'URL':\n        return 'redis://a/0'\n    return None",
        "def __getattr__(name):\n    return 'redis://' + name.lower()",
        "def __getattr__(name):\n    return os.environ.get(name, 'rpc://')",
        "URL = 'amqp://'\ndef __getattr__(name):\n    return 'x'",
    ],
)
@pytest.mark.parametrize(
    "use", ["import conf\nX = conf.URL", "from conf import URL\nX = URL", "import conf as c\nX = getattr(c, 'URL')"]
)
def test_a_pure_one_is_followed(body: str, use: str) -> None:
    module = f"import os\n_V = {{'URL': 'redis://a/0'}}\n{body}\n"
    assert_knows(use, conf=module)
    assert_knows(use, {"URL": "redis://e/1"}, conf=module)


@pytest.mark.parametrize(
    "body",
    [
        "import importlib\ndef __getattr__(name):\n    return getattr(importlib.import_module('os'), name.lower())",
        "from functools import partial\n__getattr__ = partial(str.lower)",
        "def __getattr__(name):\n    try:\n        return __import__('os').sep\n    except OSError:\n        return 0",
        "def __getattr__(name):\n    return __getattr__(name)() if name == 'x' else print(name)",
    ],
)
def test_another_is_unknown(body: str) -> None:
    assert_unknown("import conf\nX = conf.sep", "X", conf=body)


def test_one_that_raises_key_errors_answers_for_attributes() -> None:
    assert_knows(
        "import conf\nX = conf.URL", conf="_V = {'URL': 'redis://a/0'}\ndef __getattr__(name):\n    return _V[name]\n"
    )
