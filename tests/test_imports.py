"""Every module can be imported first: what is imported lazily must not depend on what came before it."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys

import celery_backend_lint

MODULES = [
    module.name
    for module in pkgutil.walk_packages(celery_backend_lint.__path__, "celery_backend_lint.")
    if not module.name.endswith((".__main__", ".probe"))
]

ALONE = """
import os, sys
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        try:
            __import__(name)
        except BaseException as error:
            print(f"{name}: {error!r}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_each_module_imports_alone() -> None:
    # Without coverage: each of some hundred children would save what it traced.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *MODULES], capture_output=True, text=True, env=environment, check=True
    )
    assert len(MODULES) > 200
    assert done.stdout == ""
