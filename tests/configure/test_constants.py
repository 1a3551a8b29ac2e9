"""A backend that arrives through a name: the constant changes where it is the backend's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

HEAD = "from celery import Celery\n\n"
APP = 'app = Celery("tasks", broker="amqp://localhost//", backend=BACKEND'
CONSTANT = 'BACKEND = "redis://localhost:6379/1"\n'


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (f"{CONSTANT}{APP})\n", 'BACKEND = "rpc://"'),
        (f"import os\n\n{CONSTANT.replace('=', '= os.getenv(')[:-1]})\n{APP})\n".replace("getenv( ", 'getenv("URL", '),
         'BACKEND = "rpc://"'),
        (f"class Config:\n    {CONSTANT}\n\n{APP.replace('=BACKEND', '=Config.BACKEND')})\n", '    BACKEND = "rpc://"'),
        # what other code uses stays
        (f"{CONSTANT}{APP})\nprint(BACKEND)\n", CONSTANT.strip()),
        (f"{CONSTANT}{APP})\nprint(getattr(app, 'BACKEND'))\n", CONSTANT.strip()),
        (f"{CONSTANT}OTHER = BACKEND\n{APP})\n", CONSTANT.strip()),
        (f"{CONSTANT}{APP.replace('amqp://localhost//', '')})\n".replace('broker=""', "broker=BACKEND"),
         CONSTANT.strip()),
        (f"{CONSTANT}{APP})\nBACKEND = 'db+sqlite:///other'\nprint(BACKEND)\n", CONSTANT.strip()),
    ],
)  # fmt: skip
def test_a_constant_changes_where_it_is_the_backends_alone(
    code: str, line: str, tmp_path: Path, configure: Callable[..., Run]
) -> None:
    (tmp_path / "requirements.txt").write_text("celery==5.6.3\n")
    (tmp_path / "tasks.py").write_text(HEAD + code)
    done = configure(tmp_path, "rpc")
    assert done.status == 0, done.err
    after = (tmp_path / "tasks.py").read_text()
    assert line in after.splitlines()
    assert 'backend="rpc://"' in after or line.endswith('"rpc://"')
    assert ("redis://" in after) == line.endswith(':6379/1"')
