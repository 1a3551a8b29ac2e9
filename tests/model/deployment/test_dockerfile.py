"""Dockerfiles: ENV in both forms, ARG, CMD and ENTRYPOINT in both forms, stages, continued lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.model.deployment.read import placed, services_of, texts

if TYPE_CHECKING:
    from pathlib import Path


def read(root: Path, text: str, path: str = "Dockerfile") -> dict[str, str | None]:
    return texts(services_of(root, {path: text})[path.rpartition("/")[2]])


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("ENV A=b", {"A": "b"}),
        ("ENV A b", {"A": "b"}),
        ("ENV A b c", {"A": "b c"}),
        ("env A=b", {"A": "b"}),
        ("ENV A=b C=d", {"A": "b", "C": "d"}),
        ("ENV A=\"b c\" D='e f'", {"A": "b c", "D": "e f"}),
        ("ENV A=b \\\n    C=d \\\n    E=f", {"A": "b", "C": "d", "E": "f"}),
        ("ENV A=b \\\n# said here\n    C=d", {"A": "b", "C": "d"}),
        ("ENV A=b \\\n\n    C=d", {"A": "b", "C": "d"}),
        ("ENV A=redis://cache:6379/0", {"A": "redis://cache:6379/0"}),
        ("ENV A=", {"A": ""}),
        ("ENV A redis://h\nENV B=$A", {"A": "redis://h", "B": "redis://h"}),
        ("ARG X=1\nENV A=${X}", {"A": "1"}),
        ("ARG X\nENV A=${X:-2}", {"A": "2"}),
        ("ARG X\nENV A=${X}", {"A": None}),
        ("ENV A=\\$X", {"A": "$X"}),
        ("ARG A=b", {}),
        ("# ENV A=b", {}),
        ("RUN echo ENV A=b", {}),
        ("ENV A", {}),
        ("ENV A=1\nENV A=2", {"A": "2"}),
        ("FROM x AS one\nENV A=1\nFROM y\nENV B=2", {"A": "1", "B": "2"}),
        ("ENV A=b\r\nENV C=d\r\n", {"A": "b", "C": "d"}),
    ],
)
def test_env(tmp_path: Path, lines: str, wanted: dict[str, str | None]) -> None:
    assert read(tmp_path, f"FROM python:3.12\n{lines}\n") == wanted


@pytest.mark.parametrize(
    "path",
    ["Dockerfile", "docker/Dockerfile.worker", "worker.Dockerfile", "Containerfile", "dockerfile", "a/Dockerfile-web"],
)
def test_names_of_dockerfiles(tmp_path: Path, path: str) -> None:
    assert read(tmp_path, "FROM x\nENV A=b\n", path) == {"A": "b"}


@pytest.mark.parametrize("path", [".dockerignore", "Dockerfile.md", "dockerfile.py", "docker-compose.txt"])
def test_other_names(tmp_path: Path, path: str) -> None:
    assert services_of(tmp_path, {path: "FROM x\nENV A=b\n"}) == {}


@pytest.mark.parametrize(
    ("lines", "apps"),
    [
        ('CMD ["celery", "-A", "shop", "worker"]', ["shop"]),
        ("CMD celery -A shop worker -l info", ["shop"]),
        ("CMD exec celery -A shop worker", ["shop"]),
        ('ENTRYPOINT ["celery"]\nCMD ["-A", "shop", "worker"]', ["shop"]),
        ('ENTRYPOINT ["celery", "-A", "shop"]\nCMD ["worker"]', ["shop"]),
        ('ENTRYPOINT ["/entrypoint.sh"]\nCMD ["celery", "-A", "shop", "worker"]', ["shop"]),
        ('CMD ["sh", "-c", "celery -A shop worker"]', ["shop"]),
        ("CMD celery -A one worker\nCMD celery -A two worker", ["two"]),
        ("CMD celery \\\n  -A shop \\\n  worker", ["shop"]),
        ("CMD celery -A one worker\nFROM y\nCMD gunicorn shop", []),
        ("RUN pip install celery", []),
        ("CMD [celery, worker]", []),
        ("CMD python -m celery --app=shop worker & celery -A other beat", ["shop", "other"]),
    ],
)
def test_commands(tmp_path: Path, lines: str, apps: list[str]) -> None:
    service = services_of(tmp_path, {"Dockerfile": f"FROM x\n{lines}\n"})["Dockerfile"]
    assert [command.app for command in service.commands] == apps


def test_places(tmp_path: Path) -> None:
    text = 'FROM x\nENV A="redis://h" \\\n    B=é C=c\nENV D the rest\nENV E "quoted"\n'
    service = services_of(tmp_path, {"Dockerfile": text})["Dockerfile"]
    found = {one.name: placed(tmp_path, one) for one in service.variables}
    assert found == {
        "A": ("A", "redis://h"),
        "B": ("B", "é"),
        "C": ("C", "c"),
        "D": ("D", "the rest"),
        "E": ("E", "quoted"),
    }
    assert texts(service)["E"] == "quoted"
    assert (service.image, service.folder, service.dockerfile) == ("x", "", "Dockerfile")
