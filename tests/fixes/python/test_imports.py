"""Imports put where isort would have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.python.imports import add_import
from tests.fixes.python.writing import written

if TYPE_CHECKING:
    from pathlib import Path

OTHER = {"app.py": "import celery\n"}


@pytest.mark.parametrize(
    ("before", "statement", "after"),
    [
        (
            '"""Doc."""\n\nfrom __future__ import annotations\n\nfrom celery import Celery\n',
            "import os",
            '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n\nfrom celery import Celery\n',
        ),
        ('"""Doc."""\nx = 1\n', "import os", '"""Doc."""\n\nimport os\n\nx = 1\n'),
        ("#!/usr/bin/python\n# -*- coding: utf-8 -*-\nx = 1\n", "import os",
         "#!/usr/bin/python\n# -*- coding: utf-8 -*-\nimport os\n\nx = 1\n"),
        ("# Licence\n\n# about x\nx = 1\n", "import os", "# Licence\n\nimport os\n\n# about x\nx = 1\n"),
        ("# Broker settings.\nbroker_url = 1\n", "import os", "import os\n\n# Broker settings.\nbroker_url = 1\n"),
        ("# settings of celery\nbroker_url = 1\n", "import os", "# settings of celery\nimport os\n\nbroker_url = 1\n"),
        ("import abc\nimport sys\n\nfrom celery import Celery\n", "import os",
         "import abc\nimport os\nimport sys\n\nfrom celery import Celery\n"),
        ("import sys\nfrom datetime import datetime\n", "from datetime import timedelta",
         "import sys\nfrom datetime import datetime, timedelta\n"),
        ("from celery import (\n    Celery,\n    signals,\n)\n", "from celery import chord",
         "from celery import (\n    Celery,\n    chord,\n    signals,\n)\n"),
        ("import sys\n", "from kombu import Queue", "import sys\n\nfrom kombu import Queue\n"),
        ("from . import x\n", "from kombu import Queue", "from kombu import Queue\n\nfrom . import x\n"),
        ("from celery import Celery\r\n\r\nx = 1\r\n", "import os",
         "import os\r\n\r\nfrom celery import Celery\r\n\r\nx = 1\r\n"),
        ("try:\n    import os\nexcept ImportError:\n    os = None\n", "import re",
         "import re\n\ntry:\n    import os\nexcept ImportError:\n    os = None\n"),
        ("", "import os", "import os\n"),
        ("# only this", "import os", "# only this\nimport os"),
        ("import sys  # last", "import zlib", "import sys  # last\nimport zlib"),
    ],
)  # fmt: skip
def test_an_import_is_put_among_its_kin(tmp_path: Path, before: str, statement: str, after: str) -> None:
    made = written(tmp_path, {"a.py": before, **OTHER}, lambda model: add_import(model, "a.py", statement))
    assert made == {"a.py": after}


@pytest.mark.parametrize(
    ("before", "statement"),
    [
        ("import os\n", "import os"),
        ("import os.path\n", "import os"),
        ("from os import environ, path\n", "from os import environ"),
    ],
)
def test_what_is_imported_already_is_not_imported_again(tmp_path: Path, before: str, statement: str) -> None:
    assert written(tmp_path, {"a.py": before, **OTHER}, lambda model: add_import(model, "a.py", statement)) == {}


@pytest.mark.parametrize("before", ["os = 4\n", "import posix as os\n", "def os():\n    pass\n"])
def test_a_name_that_means_something_else_is_respected(tmp_path: Path, before: str) -> None:
    made = written(tmp_path, {"a.py": before, **OTHER}, lambda model: add_import(model, "a.py", "import os"))
    assert made == "`os` is something else in `a.py` line 1, so `import os` is not added"


def test_an_import_as_another_name_is_not_enough(tmp_path: Path) -> None:
    before = "import os as system\n"
    made = written(tmp_path, {"a.py": before, **OTHER}, lambda model: add_import(model, "a.py", "import os"))
    assert made == {"a.py": "import os as system\nimport os\n"}


def test_a_line_that_would_grow_too_long_gets_a_statement_beside_it(tmp_path: Path) -> None:
    before = "from celery import " + ", ".join(f"name_{number}" for number in range(9)) + "\n"
    made = written(tmp_path, {"a.py": before, **OTHER}, lambda model: add_import(model, "a.py", "from celery import x"))
    assert made == {"a.py": before + "from celery import x\n"}
