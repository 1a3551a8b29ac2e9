"""Whether an image installs what a project declares for development, as far as its Dockerfiles say."""

from __future__ import annotations

import posixpath
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.project.discovery import Project

_IMAGE_FILES = (
    r"(?i)(?:.*[._-])?(?:docker|container|proc)file(?:[._-].*)?|.*\.dockerfile|(?:entrypoint|start|deploy).*\.sh"
)
_DEVELOPMENT = r"(?i)(?:^|[._-])(?:dev|devel|development|test|tests|ci|local|debug)(?:[._-]|$)"
_ALL_GROUPS = (
    r"\bpoetry\s+(?:\S+\s+)*?(?:install|sync)\b(?![^\n]*--(?:no-dev|without|only|no-root\s+--only))"
    r"|\buv\s+(?:\S+\s+)*?(?:sync|run)\b(?![^\n]*--(?:no-dev|no-group|no-default-groups|only-group))"
    r"|\bpdm\s+(?:install|sync)\b(?![^\n]*--(?:prod|production|without|no-default))"
    r"|\bpipenv\s+(?:install|sync)\b[^\n]*(?:--dev|-d\b)|\bhatch\s"
)
"""Commands that install development groups unless they are told not to."""


def image_installs(project: Project, requirement: Requirement) -> bool:
    """Whether some Dockerfile (or what starts a process) that is not itself for development installs a requirement of a
    development group: by its file's name, by its group's, or with all groups.
    """
    name = posixpath.basename(requirement.location.path)
    by_name = re.escape(name) if requirement.location.path.endswith((".txt", ".in", ".pip")) else r"(?!)"
    group = re.escape(requirement.group) if requirement.group else r"(?!)"
    wanted = (
        rf"{by_name}|(?:--(?:extra|group|with|only)[= ]|\[[^\]\n]*?)\b{group}\b|--all-(?:extras|groups)|{_ALL_GROUPS}"
    )
    for path in project.paths():
        base = posixpath.basename(path)
        if not re.fullmatch(_IMAGE_FILES, base) or re.search(_DEVELOPMENT, base):
            continue
        source = project.source(path)
        text = source.text if source is not None else ""
        lines = "\n".join(line for line in text.replace("\\\n", " ").splitlines() if not line.lstrip().startswith("#"))
        if re.search(wanted, lines):
            return True
    return False
