"""Runs a piece of Python beside real Celery and tells what came out, or which error was raised.

Run by a Python that has Celery, see `tests/oracle/forkserver.py`. The request:

- ``source``: Python text run first, with ``Celery``, ``datetime``, ``os`` and ``ssl`` at hand. It usually is the
  example itself and makes ``app``;
- ``settings``: Python text of a dict. Without ``source``, ``app`` is ``Celery("proof")`` with these settings;
- ``expression``: what to tell afterwards;
- ``root``: the working directory, first on ``sys.path`` (optional).

The reply: ``value`` (tagged), ``error`` (null, or the exception) and ``warnings`` (their texts).
"""

from __future__ import annotations

import datetime as dt
import importlib
import os
import ssl
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "oracle"))

import forkserver
from forkserver import probe


def evaluate(request):
    """Answer one request in this process, which is spoilt by it."""
    from celery import Celery

    if request.get("root"):
        os.chdir(request["root"])
        sys.path.insert(0, request["root"])
    names = {"Celery": Celery, "datetime": dt, "os": os, "ssl": ssl}
    reply = {"value": None, "error": None, "warnings": []}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            if request.get("source"):
                exec(compile(request["source"], "example.py", "exec"), names)
            else:
                names["app"] = Celery("proof")
                names["app"].conf.update(eval(request.get("settings") or "{}", names))
            reply["value"] = probe.tagged(eval(request["expression"], names))
        except BaseException as error:
            reply["error"] = probe.describe(error, "example")
    reply["warnings"] = [str(warning.message) for warning in caught]
    return reply


PRELOADED = (
    "celery.app.base",
    "celery.app.utils",
    "celery.backends.database",
    "celery.backends.redis",
    "celery.backends.rpc",
    "celery.loaders.app",
    "django.conf",
)


if __name__ == "__main__":
    del sys.path[:2]
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except Exception:
            pass  # a Celery with a missing or unfit package is what some proofs are about
    forkserver.main(evaluate)
