"""How the tests write down what a manifest declares: one line a requirement, its parts that are not empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Manifest, Requirement


def shown(one: Requirement) -> str:
    extras = f"[{','.join(one.extras)}]" if one.extras else ""
    kind = f"{one.kind}:{one.group}" if one.group else one.kind
    parts = [f"{one.name}{extras}{one.specifier}", kind]
    parts += [f"; {one.marker}"] if one.marker else []
    parts += [f"@ {one.url}"] if one.url else []
    parts += ["unclear"] if one.unclear else []
    return " ".join(parts)


def declared(manifest: Manifest) -> list[str]:
    return [shown(one) for one in manifest.requirements]


def problems(manifest: Manifest) -> list[tuple[int, str]]:
    return [(one.location.line, one.message) for one in manifest.problems]


def included(manifest: Manifest) -> list[tuple[str, str]]:
    return [(one.path, "constraint" if one.constraint else one.kind) for one in manifest.includes]
