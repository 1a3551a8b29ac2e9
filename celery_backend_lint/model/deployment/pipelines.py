"""Pipelines: GitHub workflows (``env`` at three levels, ``run``) and GitLab CI (``variables``, ``script``).

A service stands for a job, or for a step that has variables of its own. Servers that run beside a job are services
with an ``image``.
"""

from __future__ import annotations

from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Service, Variable
from celery_backend_lint.model.deployment.scripts import Shell
from celery_backend_lint.model.deployment.substitution import fill
from celery_backend_lint.model.deployment.templates import filled_later
from celery_backend_lint.syntax.yaml import parse_leniently

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.yaml import YamlNode

_MOST_JOBS = 300
_NO_JOBS = frozenset({"variables", "default", "stages", "workflow", "include", "image", "services", "cache", "pages"})


def read_workflow(source: SourceFile) -> tuple[Service, ...]:
    """The jobs of a GitHub workflow, and the servers beside them. ``${{ … }}`` is not known."""
    places = Places(source, templates=True)
    found: list[Service] = []
    for document in parse_leniently(places.utf8).documents[:1]:
        common = tuple(_variables(places, document.get("env"), "workflow"))
        jobs = document.get("jobs")
        for name, job in (jobs.items() if jobs is not None else [])[:_MOST_JOBS]:
            own = _over(common, _variables(places, job.get("env"), "workflow"))
            shell = Shell(places.utf8, places.at, "workflow")
            steps = job.get("steps")
            for step in steps.elements() if steps is not None else ():
                variables = list(_variables(places, step.get("env"), "workflow"))
                inner = Shell(places.utf8, places.at, "workflow") if variables else shell
                _run(places, inner, step.get("run"))
                if variables:
                    label = step.get("name")
                    found.append(
                        _service(places, (label.text if label else None) or name, step, _over(own, variables), inner)
                    )
            found.append(_service(places, name, job, own, shell))
            found.extend(_servers(places, job.get("services")))
    return tuple(found)


def read_gitlab(source: SourceFile) -> tuple[Service, ...]:
    """The jobs of a GitLab pipeline. ``extends`` and ``include`` are not followed; a job has the global variables."""
    places = Places(source, templates=True)
    found: list[Service] = []
    for document in parse_leniently(places.utf8).documents[:2]:
        common = tuple(_variables(places, document.get("variables"), "gitlab"))
        if common:
            node = document.get("variables")
            found.append(
                _service(places, "variables", node or document, common, Shell(places.utf8, places.at, "gitlab"))
            )
        for name, job in document.items()[:_MOST_JOBS]:
            if name in _NO_JOBS or not isinstance(job.value, dict):
                continue
            shell = Shell(places.utf8, places.at, "gitlab")
            for key in ("before_script", "script", "after_script"):
                given = job.get(key)
                for line in given.elements() or [given] if given is not None else ():
                    _run(places, shell, line)
            own = _over(common, _variables(places, job.get("variables"), "gitlab"))
            found.append(_service(places, name, job, own, shell))
    return tuple(found)


def _service(places: Places, name: str, node: YamlNode, variables: Iterable[Variable], shell: Shell) -> Service:
    return Service(
        name,
        places.source.path,
        places.key(node),
        "",
        shell.form,
        (*variables, *shell.variables),
        (),
        tuple(shell.commands),
        built=True,
    )


def _servers(places: Places, services: YamlNode | None) -> Iterator[Service]:
    """The servers that a workflow's job is given."""
    for name, node in services.items() if services is not None else ():
        image = node.get("image")
        variables = tuple(_variables(places, node.get("env"), "workflow"))
        yield Service(
            name,
            places.source.path,
            places.key(node),
            "",
            "workflow",
            variables,
            image=(image.text if image else None) or name,
        )


def _variables(places: Places, node: YamlNode | None, form: str) -> Iterator[Variable]:
    seen: dict[str, str] = {}
    for name, value in node.items() if node is not None else ():
        inner = value.get("value")  # GitLab's ``{value: …, description: …}``
        made = places.plain(name, inner or value, form, places.key(value))
        if form == "gitlab" and made.value is not None and "$" in made.value:
            filled = fill(made.value, seen.get)
            made = Variable(name, filled.text, made.written, made.location, made.name_location, form, filled.unknown)
        if made.value is not None:
            seen[name] = made.value
        yield made


def _over(common: Iterable[Variable], own: Iterable[Variable]) -> tuple[Variable, ...]:
    """The variables of both, those of ``own`` in the place of others of their name."""
    made = tuple(own)
    names = {one.name for one in made}
    return (*(one for one in common if one.name not in names), *made)


def _run(places: Places, shell: Shell, node: YamlNode | None) -> None:
    if node is None or node.text is None:
        return
    for words in places.command_lines(node):
        if not any(filled_later(word.text) for word in words[:1]):
            shell.run(words)
