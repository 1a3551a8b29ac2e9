"""Whatever a list looks like: the requirement is in it, everything else is as it was, or nothing is changed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.composition import compose
from celery_backend_lint.fixes.manifests.changes import add_requirement
from celery_backend_lint.model.manifests.collect import read_manifests
from celery_backend_lint.model.wanted_requirements import Wanted
from celery_backend_lint.project.discovery import open_project

NAMES = ("attrs", "boto3", "Django", "flask[async]", "zope.interface>=5", "vine == 5.1", "uvicorn ; python_version>'3'")
GAPS = st.sampled_from(
    ["", " ", "\n", "\n    ", "\n\n    ", " # why\n    ", "\n    # next\n    ", "\r\n\t", "\n  \n  "]
)
NEEDED = st.sampled_from(["redis>=4.5.2,<6.5", "aaa", "psycopg[binary]", Wanted("redis>=4", "redis", whole=True)])
ITEMS = st.lists(st.sampled_from(NAMES), max_size=4, unique=True)
CELERY = st.sampled_from(["celery", "celery[sqs]>=5", "Celery >= 5", "celery (>=5,<6)", "celery[auth, sqs]==5.6.3"])


@st.composite
def arrays(draw: st.DrawFn) -> str:
    """An array with celery in it, laid out in any way."""
    items = [*draw(ITEMS), draw(CELERY)]
    items = draw(st.permutations(items))
    quoted = [f'"{item}"' if "'" in item or draw(st.booleans()) else f"'{item}'" for item in items]
    text = draw(GAPS) + quoted[0]
    for item in quoted[1:]:
        text += f"{draw(GAPS)},{draw(GAPS)}{item}"
    end = draw(st.sampled_from(["", ",", "\n,", ",\n  "]))
    return f"[{text}{end}{draw(GAPS)}]"


@st.composite
def files(draw: st.DrawFn) -> str:
    """A requirements file with celery in it."""
    others = st.sampled_from(["", "# part", "-r other.txt", "--index-url https://pypi.org/simple", "  # inset"])
    lines = [*draw(ITEMS), *draw(st.lists(others, max_size=4)), draw(CELERY)]
    lines = draw(st.permutations(lines))
    lines = [
        draw(st.sampled_from([line, f"{line}  # note", f"{line} \\\n"])) if line[:1].isalnum() else line
        for line in lines
    ]
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return ending.join("\n".join(lines).split("\n")) + draw(st.sampled_from(["", ending]))


def check(path: str, text: str, needed: str | Wanted) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / path).write_bytes(text.encode())
        project = open_project([str(root)], str(root))
        before = read_manifests(project)
        try:
            change = add_requirement(before, project, needed, "app.py")
        except CannotFixError:
            return
        assert change is not None
        after = compose(project, [Fix("", Applicability.SAFE, change.edits)])[path]
        assert is_within(text, after.decode()), "nothing is taken away"
        project.put(path, after)
        again = read_manifests(project)
        new = needed.requirement if isinstance(needed, Wanted) else needed
        names = {one.name for one in again.manifests[path].requirements}
        wanted = {"celery"} if isinstance(needed, Wanted) else {new.split(">")[0].split("[")[0]}
        assert names == {one.name for one in before.manifests[path].requirements} | wanted
        assert add_requirement(again, project, needed, "app.py") is None, "a second time changes nothing"


def is_within(old: str, new: str) -> bool:
    """Whether a text is another one with something put into it."""
    characters = iter(new)
    return all(character in characters for character in old)


@settings(max_examples=150, deadline=None)
@given(arrays(), NEEDED)
def test_arrays(array: str, needed: str | Wanted) -> None:
    check("pyproject.toml", f'[project]\nname = "x"\ndependencies = {array}\n\n[tool.x]\ny = 1\n', needed)


@settings(max_examples=150, deadline=None)
@given(files(), NEEDED)
def test_requirements_files(text: str, needed: str | Wanted) -> None:
    check("requirements.txt", text, needed)


@settings(max_examples=100, deadline=None)
@given(arrays(), NEEDED)
def test_lists_of_python(array: str, needed: str | Wanted) -> None:
    check("setup.py", f"from setuptools import setup\nsetup(install_requires={array})\n", needed)
