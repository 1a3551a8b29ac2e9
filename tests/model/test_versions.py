from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from celery_backend_lint.model.versions import admits, admitted, exact, floor, newest, parse_release, release_key

PUBLISHED = ["4.4.7", "5.0.5", "5.2.7", "5.3.6", "5.4.0rc1", "5.4.0", "5.5.3", "5.6.0b1", "5.6.3", "5.7.0"]


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("5.4.0", (5, 4, 0)),
        (" 5 ", (5,)),
        ("2026.1", (2026, 1)),
        ("5.4.0rc1", None),
        ("v5.4", None),
        ("5.4.", None),
        ("", None),
        ("1_0", None),
        ("٥.1", None),
        ("1!2.0", None),
    ],
)
def test_only_final_releases_become_numbers(text: str, release: tuple[int, ...] | None) -> None:
    assert parse_release(text) == release


def test_trailing_zeros_do_not_tell_releases_apart() -> None:
    assert release_key((5, 4, 0)) == release_key((5, 4))
    assert release_key((0, 0)) == (0,)


@pytest.mark.parametrize(
    ("specifier", "version", "answer"),
    [
        ("", "5.4.0", True),
        (">=5.4,<6", "5.7.0", True),
        (">=5.4,<5.7", "5.7.0", False),
        ("==5.4.*", "5.4.9", True),
        ("!=5.4.*", "5.4.9", False),
        ("==5.4", "5.4.0", True),
        ("~=5.4.1", "5.4.0", False),
        ("~=5.4.1", "5.5.0", False),
        ("~=5.4", "5.7.0", True),
        (">5.4", "5.4.0", False),
        ("<=5.4", "5.4.0", True),
        (">=5.4.0rc1", "5.4.0rc2", True),
        ("===5.4", "5.4", True),
        (">=4,<5||>=5.6", "5.7.0", True),
        (">=4,<5||>=5.6", "5.5.0", False),
    ],
)
def test_a_specifier_admits_what_pep_440_says(specifier: str, version: str, answer: bool) -> None:
    assert admits(specifier, version) is answer


@pytest.mark.parametrize(
    ("specifier", "version"), [("=5.4", "5.4"), ("latest", "5.4"), ("~=5", "5.4"), (">=5.*", "5.4"), (">=5", "x.y")]
)
def test_nothing_is_admitted_by_what_cannot_be_read(specifier: str, version: str) -> None:
    assert not admits(specifier, version)


@pytest.mark.parametrize(
    ("specifier", "answer"),
    [
        ("", "5.7.0"),
        ("<5.7", "5.6.3"),
        ("~=5.3.0", "5.3.6"),
        (">=5.4.0rc1,<5.4", None),
        (">=5.6.0b1,<5.6.3", "5.6.0b1"),
        ("==5.6.0b1", "5.6.0b1"),
        (">=6", None),
        ("nonsense", None),
        (">=5.3,<5.4||<5", "5.3.6"),
    ],
)
def test_the_newest_is_what_pip_would_install(specifier: str, answer: str | None) -> None:
    assert newest(specifier, PUBLISHED) == answer


def test_a_pre_release_is_taken_where_nothing_else_is_there() -> None:
    assert admitted(">=5", ["5.6.0b1", "5.6.0rc1", "not a version"]) == ["5.6.0b1", "5.6.0rc1"]


def test_a_post_release_is_newer_than_its_release() -> None:
    assert newest(">=5", ["5.0.1", "5.0.1.post1", "5.0.0"]) == "5.0.1.post1"


@pytest.mark.parametrize(
    ("specifier", "answer"),
    [("==5.4.0", "5.4.0"), ("===5.4", "5.4"), ("==5.4.*", None), ("==5.4,<6", None), (">=5", None)],
)
def test_a_pin_is_one_exact_version(specifier: str, answer: str | None) -> None:
    assert exact(specifier) == answer


def test_the_floor_is_the_highest_lower_bound() -> None:
    assert floor(">=4.5,!=5.0.2,>=4.6,<6") == (4, 6)
    assert floor("<6") == ()


releases = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
versions = st.one_of(
    releases,
    st.builds(
        lambda release, suffix: release + suffix, releases, st.sampled_from(["a1", "rc2", ".post1", ".dev3", "+x.1"])
    ),
)
clauses = st.builds(
    lambda operator, space, version, star: operator + space + version + star,
    st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~=", "==="]),
    st.sampled_from(["", " "]),
    versions,
    st.sampled_from(["", "", ".*"]),
)
specifiers = st.lists(clauses, max_size=3).map(",".join)


@given(specifiers, versions)
def test_the_tuple_comparison_agrees_with_packaging(specifier: str, version: str) -> None:
    try:
        expected = SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except InvalidSpecifier:
        expected = False
    assert admits(specifier, version) is expected


@given(specifiers, st.lists(versions, max_size=6, unique=True))
def test_the_choice_agrees_with_packaging(specifier: str, published: list[str]) -> None:
    try:
        expected = sorted(SpecifierSet(specifier).filter(published), key=Version)
    except InvalidSpecifier:
        expected = []
    assert [Version(one) for one in admitted(specifier, published)] == [Version(one) for one in expected]


def test_plain_versions_need_no_packaging() -> None:
    program = (
        "import sys; from celery_backend_lint.model.versions import newest\n"
        "assert newest('>=5.4,<6', ['5.4.0', '5.6.3', '6.0']) == '5.6.3'\n"
        "sys.exit('packaging' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-S", "-c", program], env={"PYTHONPATH": ":".join(sys.path)}).returncode == 0
