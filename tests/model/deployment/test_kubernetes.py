"""Kubernetes manifests, kustomize and Helm: containers' variables and commands, ConfigMaps, Secrets, templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.model.deployment.read import deployment_of, placed, services_of, texts

if TYPE_CHECKING:
    from pathlib import Path

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      initContainers:
      - name: migrate
        image: shop
        command: ["python", "manage.py", "migrate"]
      containers:
      - name: worker
        image: shop:1
        command: ["celery", "-A", "shop"]
        args: ["worker", "-B"]
        env:
        - name: HOST
          value: cache
        - name: REDIS_URL
          value: "redis://$(HOST):6379/0"
        - name: PASSWORD
          valueFrom:
            secretKeyRef: {name: shop, key: password}
        - name: BROKER
          valueFrom:
            configMapKeyRef:
              name: shop-config
              key: broker
        - name: OVER
          value: own
        envFrom:
        - configMapRef:
            name: shop-config
        - secretRef:
            name: shop-secret
        - configMapRef: {name: gone}
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-config
data:
  broker: amqp://mq
  OVER: map
  MODE: "1"
---
apiVersion: v1
kind: Secret
metadata:
  name: shop-secret
stringData:
  API_KEY: s3cr3t-value
data:
  OTHER_KEY: czNjcjN0
"""


def test_a_container_gets_its_env_and_what_it_is_given_from_maps(tmp_path: Path) -> None:
    services = services_of(tmp_path, {"k8s/deployment.yaml": DEPLOYMENT, "k8s/config.yaml": CONFIG})
    worker = services["worker"]
    assert texts(worker) == {
        "broker": "amqp://mq",
        "OVER": "own",
        "MODE": "1",
        "API_KEY": None,
        "OTHER_KEY": None,
        "HOST": "cache",
        "REDIS_URL": "redis://cache:6379/0",
        "PASSWORD": None,
        "BROKER": "amqp://mq",
    }
    (command,) = worker.commands
    assert (command.what, command.app, command.beat) == ("worker", "shop", True)
    assert services["migrate"].variables == ()
    broker = worker.variable("BROKER")
    assert broker is not None
    assert (broker.name_location.path, broker.location.path) == ("k8s/deployment.yaml", "k8s/config.yaml")
    url = worker.variable("REDIS_URL")
    assert url is not None
    assert placed(tmp_path, url) == ("REDIS_URL", "redis://$(HOST):6379/0")


def test_no_secret_is_kept(tmp_path: Path) -> None:
    found = deployment_of(tmp_path, {"k8s/config.yaml": CONFIG}).services
    assert "s3cr3t" not in repr(found)
    assert all(
        one.text is None and not one.written for s in found if s.name.startswith("Secret") for one in s.variables
    )


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("{name: A, value: b}", "b"),
        ("{name: A, value: '6379'}", "6379"),
        ("{name: A}", ""),
        ("{name: A, value: ''}", ""),
        ("{name: A, value: $$(B)}", "$(B)"),
        ("{name: A, value: $(GONE)}", "$(GONE)"),
        ("{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}", None),
    ],
)
def test_values(tmp_path: Path, entry: str, value: str | None) -> None:
    text = f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: w\n    env:\n    - {entry}\n"
    assert texts(services_of(tmp_path, {"pod.yml": text})["w"]) == {"A": value}


@pytest.mark.parametrize(
    "lines",
    [
        'command: ["/bin/sh", "-c"]\n    args: ["celery -A shop worker"]',
        'args: ["celery", "-A", "shop", "worker"]',
        "command:\n    - sh\n    - -c\n    - |\n      python manage.py migrate\n      exec celery -A shop worker",
        "command: [python, -m, celery, -A, shop, worker]",
    ],
)
def test_commands(tmp_path: Path, lines: str) -> None:
    text = f"apiVersion: batch/v1\nkind: CronJob\nspec:\n  containers:\n  - name: w\n    {lines}\n"
    (command,) = services_of(tmp_path, {"pod.yml": text})["w"].commands
    assert (command.app, command.what) == ("shop", "worker")


def test_lists_many_documents_and_kinds_of_ones_own(tmp_path: Path) -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  spec:\n    containers:\n"
        "    - {name: a, env: [{name: A, value: x}]}\n"
        "---\n---\napiVersion: x/v1\nkind: Rollout\nspec: {template: {spec: {containers: [{name: b}]}}}\n"
    )
    assert set(services_of(tmp_path, {"all.yaml": text})) == {"a", "b"}


def test_kustomize_makes_maps(tmp_path: Path) -> None:
    files = {
        "k8s/kustomization.yaml": (
            'configMapGenerator:\n- name: shop\n  literals:\n  - A=b\n  - URL=redis://h/0\n  - Q="x"\n'
        ),
        "k8s/d.yaml": (
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: w\n    envFrom:\n"
            "    - configMapRef: {name: shop}\n"
        ),
    }
    services = services_of(tmp_path, files)
    assert texts(services["w"]) == {"A": "b", "URL": "redis://h/0", "Q": "x"}
    assert placed(tmp_path, services["w"].variables[1]) == ("URL", "redis://h/0")


def test_a_helm_template_is_read_for_what_is_literal(tmp_path: Path) -> None:
    text = """\
{{- if .Values.worker.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}-worker
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  template:
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          args: ["celery", "-A", "shop", "worker", "--concurrency={{ .Values.worker.concurrency }}"]
          env:
            - name: REDIS_URL
              value: "redis://{{ .Release.Name }}-redis:6379/0"
            - name: MODE
              value: production
            - name: DB
              value: {{ .Values.db | quote }}
            {{- range $key, $value := .Values.env }}
            - name: {{ $key }}
              value: {{ $value | quote }}
            {{- end }}
{{- end }}
"""
    (service,) = deployment_of(tmp_path, {"chart/templates/worker.yaml": text}).services
    found = {one.name: (one.text, one.value) for one in service.variables}
    assert found["REDIS_URL"] == ("redis://{…}-redis:6379/0", None)
    assert found["MODE"] == ("production", "production")
    assert found["DB"] == ("{…}", None)
    assert service.commands[0].app == "shop"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("env:\n  A: b\n", {"A": "b"}),
        ("env:\n- name: A\n  value: b\n", {"A": "b"}),
        ("worker:\n  extraEnv:\n  - {name: A, value: b}\n", {"A": "b"}),
        ("worker:\n  extraEnvVars:\n    A: b\n", {"A": "b"}),
        ("env:\n  normal:\n    A: b\n  secret: {}\n", {"A": "b"}),
        ("env:\n  A:\n    value: b\n  B:\n    valueFrom: {x: y}\n", {"A": "b", "B": None}),
        ("envVars: {A: 6379}\n", {"A": "6379"}),
        ("config:\n  A: b\n", {}),
        ("env: production\n", {}),
        ("environment: staging\nenv: []\n", {}),
    ],
)
def test_helms_values(tmp_path: Path, text: str, wanted: dict[str, str | None]) -> None:
    found: dict[str, str | None] = {}
    for service in deployment_of(tmp_path, {"chart/values.yaml": text}).services:
        found.update(texts(service))
    assert found == wanted


def test_aliases_that_grow_end_soon(tmp_path: Path) -> None:
    lines = ["apiVersion: v1", "kind: Pod", "a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    assert deployment_of(tmp_path, {"bomb.yaml": "\n".join(lines)}).services == ()
    values = "\n".join(["env: {A: b}", *lines[2:]])
    assert len(deployment_of(tmp_path, {"values.yaml": values}).services) == 1
