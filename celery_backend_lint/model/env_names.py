"""Which files are env files, and which of them examples: by their names alone."""

from __future__ import annotations

import re

EXAMPLES = ("example", "sample", "template", "tmpl")
DIST = r"(?<![a-z])dist(?![a-z])"
EXAMPLE = "|".join((*EXAMPLES, DIST))
ENV = r"env(?!oy|elope)"
FRONT_END = (
    "REACT_APP_", "VITE_", "NEXT_PUBLIC_", "NUXT_PUBLIC_", "EXPO_PUBLIC_", "GATSBY_", "VUE_APP_", "PUBLIC_",
)  # fmt: skip
"""How variables begin that a build puts into what browsers load."""

ENV_FOLDERS = frozenset({".envs", ".env", "env.d", ".env.d", "envs"})
ENV_NAME = (
    r"\.env(?:[._-].*)?|\.flaskenv|.+\.(?:dot)?env(?:[._-][\w-]+)?"
    r"|\.?(?:dot)?env[._-](?:local|dev\w*|prod\w*|test\w*|stag\w*|docker\w*|ci)"
)
OTHER_FORMATS = (
    ".py", ".pyi", ".js", ".cjs", ".mjs", ".ts", ".tsx", ".jsx", ".json", ".yml", ".yaml", ".md", ".rst", ".html",
    ".toml", ".sh", ".bash", ".zsh", ".fish", ".ini", ".cfg", ".lock", ".vault", ".gpg", ".asc", ".enc", ".age",
    ".j2", ".jinja", ".jinja2", ".erb", ".tf", ".tfvars", ".hcl", ".ps1", ".bat", ".cmd", ".go", ".rb", ".php", ".java",
    ".rs", ".vue", ".svelte", ".nix", ".gitignore",
    ".gitkeep", ".keep", ".pem", ".key", ".crt", ".zip", ".png", ".svg", ".bak", ".swp", "~",
)  # fmt: skip
"""Endings of files that are no env files, whatever else their names hold."""

SCRIPTS = (".sh", ".bash", ".zsh", ".fish")
"""Endings of files that set variables too, so that examples of them show which there are."""

TERRAFORM = (".tf", ".tfvars", ".hcl")
"""Endings of files whose variables are Terraform's, whatever their names say of environments."""


def is_env_file(path: str) -> bool:
    """Whether ``path`` is an env file by its name, in use or an example."""
    folders, _, name = path.rpartition("/")
    lowered = name.lower()
    if lowered.endswith(OTHER_FORMATS) or lowered.startswith(("readme", "makefile", "dockerfile")):
        return False
    if ENV_FOLDERS.intersection(folders.split("/")):
        return not _shows_another_format(lowered, in_env_folder=True)
    # No pattern fits a name without "env"; most projects then compile none of them.
    if lowered == ".env" or lowered.startswith((".env.", ".env-", ".env_")):
        return True
    return "env" in lowered and (re.fullmatch(ENV_NAME, lowered) is not None or is_example(path))


def is_example(path: str) -> bool:
    """Whether ``path`` is an example by its name: ``env`` and one of example, sample, template, tmpl, dist."""
    folders, _, name = path.rpartition("/")
    lowered = name.lower()
    if lowered.endswith(OTHER_FORMATS):
        return False
    if not any(word in lowered for word in EXAMPLES) and not ("dist" in lowered and re.search(DIST, lowered)):
        return False
    named = re.search(ENV, lowered) is not None
    if not named and not ENV_FOLDERS.intersection(folders.split("/")):
        return False
    return not _shows_another_format(lowered, in_env_folder=not named)


def _shows_another_format(lowered: str, *, in_env_folder: bool) -> bool:
    """Whether a name is that of an example of a file that is none of variables: ``sample.tfvars.template``.

    One that says ``env`` itself is taken at its word (``env.yaml.example``), but for Terraform's.
    """
    bare, _, ending = lowered.rpartition(".")
    if ending.rstrip("s") not in ("example", "sample", "template", "tmpl", "dist") or bare.endswith(SCRIPTS):
        return False
    return bare.endswith(OTHER_FORMATS if in_env_folder else TERRAFORM)


def in_use_name(path: str) -> str:
    """Return the path of the env file that the example at ``path`` is an example of, "" where its name tells none."""
    folder, slash, name = path.rpartition("/")
    if name in (".env.example", ".env.sample", ".env.template", ".env.dist"):
        return f"{folder}{slash}.env"  # what most projects have needs no pattern
    bare = re.sub(rf"(?i)[._-]?(?:{EXAMPLE})s?(?=$|[._-])|^(?:{EXAMPLE})s?[._-]?", "", name)
    bare = bare.lstrip("-_") if bare.lstrip(".-_") != "env" else ".env"
    if bare in ("", "dotenv", "."):
        bare = ".env"
    made = f"{folder}{slash}{bare}"
    return made if is_env_file(made) and not is_example(made) else ""
