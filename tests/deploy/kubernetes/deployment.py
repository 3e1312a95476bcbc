"""Where the files of the deployment are, and the tools that render and check them."""

import copy
import functools
import json
import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLAIN = ROOT / "deploy/kubernetes"
CHART = ROOT / "deploy/helm/conntrack-exporter"
TOOLS = pathlib.Path(__file__).parent / "tools"
BASE = PLAIN / "base/conntrack-exporter.yml"


def load(path) -> list[dict]:
    return [document for document in yaml.safe_load_all(pathlib.Path(path).read_text(encoding="utf-8")) if document]


def one(documents: list[dict], kind: str) -> dict:
    (found,) = [document for document in documents if document["kind"] == kind]
    return found


def kinds(documents: list[dict]) -> list[str]:
    return sorted(document["kind"] for document in documents)


def pod(documents: list[dict]) -> dict:
    return one(documents, "DaemonSet")["spec"]["template"]["spec"]


def container(documents: list[dict]) -> dict:
    return pod(documents)["containers"][0]


def run(*words, check: bool = True, **how) -> subprocess.CompletedProcess:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **how)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done


def helm(*words, **how) -> subprocess.CompletedProcess:
    return run(os.environ["HELM"], *words, **how)


@functools.cache
def rendered(release: str, words: tuple) -> list[dict]:
    text = helm("template", release, CHART, "--namespace", release, *words).stdout
    return [document for document in yaml.safe_load_all(text) if document]


def chart(*words, release: str = "conntrack-exporter") -> list[dict]:
    """What Helm makes of the chart, in a namespace of the release's name."""
    return copy.deepcopy(rendered(release, words))


def kustomize(folder) -> list[dict]:
    return [document for document in yaml.safe_load_all(run(os.environ["KUBECTL"], "kustomize", folder).stdout) if document]


def complaints(documents: list[dict]) -> str:
    """What the schemas of Kubernetes and the Prometheus Operator find wrong."""
    return run("node", TOOLS / "schemas.mjs", input=json.dumps(documents), check=False).stdout
