"""Small trees of deployment files for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_backend_lint.model.deployment.reading import Deployment
from celery_backend_lint.project.discovery import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model.deployment.records import Service, Variable


def deployment_of(root: Path, files: dict[str, str | bytes]) -> Deployment:
    """Write files below a folder and read them."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Deployment(open_project([str(root)], str(root)))


def services_of(root: Path, files: dict[str, str | bytes]) -> dict[str, Service]:
    """The services by name."""
    return {service.name: service for service in deployment_of(root, files).services}


def texts(service: Service) -> dict[str, str | None]:
    """What a service's variables hold; None where that is not wholly known."""
    return {one.name: one.value for one in service.variables}


def placed(root: Path, one: Variable) -> tuple[str, str]:
    """The text at a variable's name and at its value, in the file."""
    found = []
    for location in (one.name_location, one.location):
        lines = (root / location.path).read_text(encoding="utf-8").split("\n")
        span = location.span
        if span.line == span.end_line:
            found.append(lines[span.line - 1][span.column - 1 : span.end_column - 1])
        else:
            found.append("…")
    return found[0], found[1]
