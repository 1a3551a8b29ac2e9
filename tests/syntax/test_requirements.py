from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement

from celery_backend_lint.syntax import requirements
from celery_backend_lint.syntax.requirements import Line, RequirementText, leading_name, parse_requirement, read_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("celery", RequirementText("celery")),
        ("celery[redis, sqlalchemy] >= 5.4 , < 6", RequirementText("celery", ("redis", "sqlalchemy"), ">=5.4,<6")),
        ("redis (>=4.5.2,!=5.0.2)", RequirementText("redis", (), ">=4.5.2,!=5.0.2")),
        ("Django==4.2.*", RequirementText("Django", (), "==4.2.*")),
        ("celery[]", RequirementText("celery")),
        ("kombu>=5;python_version<'3.12'", RequirementText("kombu", (), ">=5", "python_version<'3.12'")),
        (
            "kombu ; (os_name == 'nt' or 'linux' in sys_platform) and python_version not in '3.8 3.9'",
            RequirementText(
                "kombu", (), "", "(os_name == 'nt' or 'linux' in sys_platform) and python_version not in '3.8 3.9'"
            ),
        ),
        ("x @ https://h.example/x.whl", RequirementText("x", (), "", "", "https://h.example/x.whl")),
        (
            "x@git+ssh://git@h.example/x ; os_name=='nt'",
            RequirementText("x", (), "", "os_name=='nt'", "git+ssh://h.example/x"),
        ),
        ("celery==5.3.0rc1", RequirementText("celery", (), "==5.3.0rc1")),
        ("celery ==5.3+local.1", RequirementText("celery", (), "==5.3+local.1")),
    ],
)
def test_a_requirement_is_read(text: str, expected: RequirementText) -> None:
    assert parse_requirement(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "celery=5.3",
        "celery 5.3",
        "celery-",
        "-celery",
        "celery>=5.*",
        "celery~=5",
        "celery[re dis]",
        "celery>=5 redis",
        "celery ; python_version",
        "celery ; (os_name == 'nt'",
        "celery ; os_name == 'nt')(",
        "==5",
        "celery @",
        "é>=1",
    ],
)
def test_what_pip_refuses_is_no_requirement(text: str) -> None:
    assert parse_requirement(text) is None


def test_a_token_in_a_url_is_not_kept() -> None:
    read = parse_requirement("x @ git+https://user:ghp_secret@h.example/x.git?token=s3cret")
    assert read is not None
    assert "secret" not in repr(read)
    assert "s3cret" not in repr(read)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("celery[redis]==${V}", RequirementText("celery", ("redis",))),
        ("  celery = 5", RequirementText("celery")),
        ("{{ x }}", None),
    ],
)
def test_the_name_is_kept_of_what_is_otherwise_not_readable(text: str, expected: RequirementText | None) -> None:
    assert leading_name(text) == expected


def kinds(text: str) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in read_lines(text.encode())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# only\n\n   # comments\n", []),
        ("celery  # the queue\nredis#4\n", [("requirement", "celery"), ("requirement", "redis#4")]),
        (
            "celery==5.3 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nredis",
            [("requirement", "celery==5.3"), ("requirement", "redis")],
        ),
        ("celery>=5, \\\n  <6\n", [("requirement", "celery>=5,   <6")]),
        ("celery \\\n# between\nredis\n", [("requirement", "celery"), ("requirement", "redis")]),
        ("celery \\", [("requirement", "celery")]),
        (
            "-r base.txt\n-rother.txt\n-r=x.txt\n",
            [("include", "base.txt"), ("include", "other.txt"), ("include", "x.txt")],
        ),
        ("--requirement base.txt\n--requirement=b.txt # x\n", [("include", "base.txt"), ("include", "b.txt")]),
        ("-r 'with space.txt'\n", [("include", "with space.txt")]),
        (
            "-c cons.txt\n--constraint=c.txt\n--constr d.txt",
            [("constraint", "cons.txt"), ("constraint", "c.txt"), ("constraint", "d.txt")],
        ),
        (
            "-e .\n--editable=../lib[redis]\n-e 'git+https://h/x#egg=x'\n",
            [("editable", "."), ("editable", "../lib[redis]"), ("editable", "git+https://h/x#egg=x")],
        ),
        (
            "--index-url https://h/simple\n-i https://h\n--pre\n-f ./wheels\n",
            [("option", "--index-url"), ("option", "-i"), ("option", "--pre"), ("option", "-f")],
        ),
        ("--extra-index https://h\n", [("option", "--extra-index")]),
        ("celery --global-option=x\n", [("requirement", "celery")]),
        ("celery --nonsense\n", [("invalid", "the option --nonsense is unknown to pip")]),
        (
            "--nonsense x\n-x\n---\n",
            [
                ("invalid", "the option --nonsense is unknown to pip"),
                ("invalid", "the option -x is unknown to pip"),
                ("invalid", "the option --- is unknown to pip"),
            ],
        ),
        ("-r\n-e\n", [("invalid", "-r names no file"), ("invalid", "-e names nothing")]),
        ("- celery\n", [("invalid", "pip passes over this line: a requirement does not begin with a dash")]),
        ("celery\r\nredis\r\n", [("requirement", "celery"), ("requirement", "redis")]),
    ],
)
def test_lines_are_read_as_pip_reads_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("# é\n  celery[redis]>=5 # x\n", "celery[redis]>=5"),
        ("celery==5.3 \\\n  --hash=sha256:aa\n", "celery==5.3"),
        ("celery>=5, \\\n   <6 \\\n  --hash=sha256:aa\n", "celery>=5, \\\n   <6"),
        ("\\\n  celery\n", "celery"),
        ("é≥1 # ü", "é≥1"),
    ],
)
def test_a_line_knows_where_its_requirement_stands(text: str, marked: str) -> None:
    utf8 = text.encode()
    (line,) = read_lines(utf8)
    assert utf8[line.start : line.end].decode() == marked


def test_an_option_stands_where_its_line_does() -> None:
    assert list(read_lines(b"a\n  -r x.txt  # y\n"))[1] == Line("include", "x.txt", 4, 12)


names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
spaces = st.sampled_from(["", "", " ", "  ", "\t"])
release = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,3}", fullmatch=True)
suffix = st.sampled_from(["", "", "", ".*", "rc1", "a", ".post2", ".dev1", "+l", "-1", "b2.post1.dev3"])
clause = st.builds(
    lambda operator, space, number, end: operator + space + number + end,
    st.sampled_from(["==", ">=", "<=", "<", ">", "!=", "~=", "===", "=", ""]),
    spaces,
    release,
    suffix,
)
atoms = st.builds(
    lambda left, a, operator, b, right: left + a + operator + b + right,
    st.sampled_from(
        ["python_version", "os_name", "extra", "sys_platform", "'x'", '"3.8"', "platform.machine", "nonsense"]
    ),
    spaces,
    st.sampled_from(["==", ">=", "in", "not in", "not  in", "~=", "===", "=", "!="]),
    spaces,
    st.sampled_from(["'3.9'", '"win32"', "os_name", "'a b'", "'", "python_version"]),
)
markers = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(lambda a, word, b: a + word + b, inner, st.sampled_from([" and ", " or ", "and", " or"]), inner),
        st.builds(lambda a: f"( {a})", inner),
        st.builds(lambda a: f"({a}", inner),
    ),
    max_leaves=3,
)
written = st.builds(
    lambda name, gap, extras, clauses, wrapped, url, marker: (
        name + gap + extras + (url or (f"({clauses})" if wrapped else clauses)) + marker
    ),
    names,
    spaces,
    st.one_of(st.just(""), st.lists(names, max_size=2).map(lambda parts: f"[{' , '.join(parts)}]"), st.just("[a,]")),
    st.lists(clause, max_size=2).map(" ,".join),
    st.booleans(),
    st.sampled_from(["", "", "", "@ https://h/x", "@https://h/x;y", "@ h ", " @ "]),
    st.one_of(st.just(""), markers.map(lambda marker: " ; " + marker), markers.map(lambda marker: ";" + marker)),
)


@given(written)
def test_the_quick_reading_agrees_with_packaging_wherever_it_answers(text: str) -> None:
    slow = requirements._parse_by_packaging(text)
    quick = parse_requirement(text)
    assert (quick is None) == (slow is None)
    try:
        expected = Requirement(text)
    except InvalidRequirement:
        return
    assert quick is not None
    assert quick.name == expected.name
    assert set(quick.extras) == expected.extras
    assert {one for one in quick.specifier.split(",") if one} == {str(one) for one in expected.specifier}
    assert bool(quick.marker) == bool(expected.marker)
    assert quick.url == (expected.url or "")


def test_the_common_shapes_are_read_without_packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "_parse_by_packaging", lambda text: pytest.fail(f"asked packaging about {text}"))
    for text in (
        "celery",
        "celery[redis]>=5.4,<6",
        "celery[redis] ~= 5.4",
        "django-celery-results==2.5.1 ; python_version >= '3.8' and python_version < '4.0'",
        "pywin32 ; sys_platform == 'win32' or (os_name == 'nt' and extra == \"x\")",
        "x @ git+https://h/x@main",
        "redis (>=4)",
        "torch==2.5.1+cpu",
        "celery==5.3.0rc1.post1",
    ):
        assert parse_requirement(text) is not None


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_line_reader(data: bytes) -> None:
    for line in read_lines(data):
        assert 0 <= line.start <= line.end


@given(st.text(alphabet="celry[]>=<~!;@#-r \\\n'\"$.:/é0159", max_size=60))
def test_positions_lie_in_the_text(text: str) -> None:
    utf8 = text.encode()
    for line in read_lines(utf8):
        assert 0 <= line.start <= line.end <= len(utf8)
