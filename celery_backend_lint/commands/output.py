"""Writing what a command has to say. Nothing is imported here that `--version` would have to wait for."""

from __future__ import annotations

import os
import sys


def write(text: str, output_file: str | None = None) -> None:
    """Write a report to standard output, or to a file. Raises OSError when the file cannot be written.

    A reader that goes away early (``| head``) is no failure: the exit code is the same.
    """
    if output_file is not None:
        with open(output_file, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
        return
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
