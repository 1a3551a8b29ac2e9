"""Which reader a file is for: by its name, and for YAML by what is in it."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.model.deployment.kubernetes import FindMap
    from celery_backend_lint.model.deployment.records import Service
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile

LARGEST = 64 * 1024
"""Bytes: no deployment file that people write is larger; those that are hold data."""

_BY_NAME = {
    "Makefile": "makefile", "makefile": "makefile", "GNUmakefile": "makefile", "justfile": "justfile",
    "Justfile": "justfile", ".justfile": "justfile", "pyproject.toml": "pyproject", "Pipfile": "pipfile",
    "tox.ini": "tox", "package.json": "package.json", "app.json": "app.json", "fly.toml": "fly", ".envrc": "script",
}  # fmt: skip
_BY_ENDING = {
    ".yml": "yaml", ".yaml": "yaml", ".sh": "script", ".bash": "script", ".zsh": "script", ".ksh": "script",
    ".mk": "makefile", ".just": "justfile", ".service": "unit", ".conf": "supervisor", ".ini": "supervisor",
    ".toml": "fly", ".json": "json",
}  # fmt: skip
_TEMPLATE_ENDING = (
    ".in",
    ".j2",
    ".jinja2",
    ".jinja",
    ".tmpl",
    ".tpl",
    ".template",
    ".erb",
    ".example",
    ".sample",
    ".dist",
)


def role_of(path: str) -> str:
    """The format that a file may have by its name alone, "" for none."""
    name = path.rpartition("/")[2]
    role = _pipeline(path, name) or _BY_NAME.get(name)
    if role is not None:
        return role
    stem, dot, ending = name.rpartition(".")
    lowered = name.lower()
    if "dockerfile" in lowered or "containerfile" in lowered:
        return (
            ""
            if lowered.endswith((".md", ".rst", ".py", ".txt", ".yml", ".yaml", ".dockerignore", ".sh", ".json"))
            else "dockerfile"
        )
    if lowered.startswith("procfile"):
        return "procfile"
    if lowered.startswith("supervisord.conf"):
        return "supervisor"
    if not dot or not stem:
        return "" if dot else "maybe script"
    if f".{ending}" in _TEMPLATE_ENDING and "." in stem:
        role = role_of(stem)
        return role if role in ("yaml", "unit", "supervisor", "script") else ""
    role = _BY_ENDING.get(f".{ending}", "")
    if role == "fly" and not lowered.startswith("fly"):
        return ""
    if role == "json" and not re.search(r"task[-_]?def|railway|container[-_]?def|ecs", lowered):
        return ""
    if role == "yaml" and lowered.endswith(("-lock.yaml", ".lock.yml", ".openapi.yaml")):
        return ""
    return role


PIPELINES = frozenset({"workflow", "gitlab", "tox"})
"""The roles of files that start tests."""


def _pipeline(path: str, name: str) -> str:
    if not name.endswith((".yml", ".yaml")):
        return ""
    if ".github/workflows/" in f"/{path}":
        return "workflow"
    return "gitlab" if "gitlab-ci" in name.lower() or path.startswith(".gitlab/") else ""


def reader_of(
    project: Project, path: str, role: str, data: bytes, find: FindMap
) -> Callable[[SourceFile], tuple[Service, ...]] | None:
    """What reads a file whose role by name is ``role`` and whose bytes are ``data``; None where it is of no format.

    ``find`` gives Kubernetes' ConfigMaps. Its modules are imported here: few projects have all formats.
    """
    if len(data) > LARGEST or b"\0" in data:
        return None
    if role in ("workflow", "gitlab"):
        from celery_backend_lint.model.deployment import pipelines

        return pipelines.read_workflow if role == "workflow" else pipelines.read_gitlab
    if role == "yaml":
        return _yaml_reader(project, path, data, find)
    if role == "dockerfile":
        from celery_backend_lint.model.deployment.dockerfile import read_dockerfile

        return read_dockerfile
    if role == "procfile":
        from celery_backend_lint.model.deployment.procfile import read_procfile

        return read_procfile
    if role == "script" or (role == "maybe script" and re.match(rb"#![^\n]*\b(?:ba|z|k|da|a)?sh\b", data)):
        from celery_backend_lint.model.deployment.scripts import read_script

        return read_script
    if role == "unit":
        from celery_backend_lint.model.deployment.units import read_unit

        return read_unit
    if role == "supervisor" and b"[program:" in data:
        from celery_backend_lint.model.deployment.supervisor import read_supervisor

        return read_supervisor
    if role in ("makefile", "justfile"):
        from celery_backend_lint.model.deployment import makefile

        return makefile.read_makefile if role == "makefile" else makefile.read_justfile
    if role in ("pyproject", "pipfile", "tox", "package.json"):
        from celery_backend_lint.model.deployment import tasks

        return {
            "pyproject": tasks.read_pyproject,
            "pipfile": tasks.read_pipfile,
            "tox": tasks.read_tox,
            "package.json": tasks.read_package_json,
        }[role]
    if role in ("app.json", "fly", "json"):
        from celery_backend_lint.model.deployment import platforms

        if role == "json":
            if b"startCommand" in data:
                return platforms.read_railway
            return platforms.read_task_definition if b"image" in data else None
        return platforms.read_fly if role == "fly" else platforms.read_app_json
    return None


def _yaml_reader(
    project: Project, path: str, data: bytes, find: FindMap
) -> Callable[[SourceFile], tuple[Service, ...]] | None:
    name = path.rpartition("/")[2].lower()
    if name.startswith(("render.y", "heroku.y")):
        from celery_backend_lint.model.deployment import platforms

        return platforms.read_render if name.startswith("render") else platforms.read_heroku_yml
    from celery_backend_lint.model.deployment.compose import is_compose, read_compose
    from celery_backend_lint.model.deployment.kubernetes import is_kubernetes, read_kubernetes

    if is_compose(data) or re.match(r"(?:docker-)?compose", name):
        return lambda source: read_compose(project, source.path)
    if is_kubernetes(data) or name.startswith("kustomization"):
        return lambda source: read_kubernetes(source, find)
    if re.search(r"(?:^|[._-])values(?:[._-]|$)", name):
        from celery_backend_lint.model.deployment.helm import read_values

        return read_values
    return None
