"""The deployment files through their own tools: ``make check-deploy``.

hadolint reads the Dockerfile; Helm itself (its library, no cluster) lints and renders the chart; every rendered object is
checked against Kubernetes' schemas, strictly; and each container must be as locked up as we say.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parents[1]
CHART = ROOT / "deploy" / "helm" / "fieldproof"
KUBERNETES = ("1.27", "1.30", "1.34")
VALUES: dict[str, dict[str, Any]] = {
    "default": {},
    "ingress": {"ingress": {"enabled": True, "host": "proof.example.org", "className": "nginx", "tlsSecret": "tls"}},
}


def main() -> int:
    problems = [*dockerfile(), *chart()]
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


def dockerfile() -> Iterator[str]:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    yield from done.stdout.splitlines()


def chart() -> Iterator[str]:
    linted = helm_python.lint(str(CHART))
    yield from (f"{m['path']}: {m['error']}" for m in linted["messages"] if m["severity"] > 1)
    with helm_python.Chart.load(str(CHART)) as loaded:
        for name, values in VALUES.items():
            for path, text in loaded.render(values=values, name="demo").items():
                for made in yaml.safe_load_all(text):
                    if made:
                        yield from (f"{name} {path} {made['kind']}: {problem}" for problem in judged(made))


def judged(made: dict[str, Any]) -> Iterator[str]:
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(made, version, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.InvalidSchemaError) as error:
            yield f"{version}: {error}"
    pod = made["spec"]["template"]["spec"] if made["kind"] in ("Deployment", "Job") else None
    if pod is None:
        return
    if pod.get("automountServiceAccountToken") is not False or not pod["securityContext"].get("runAsNonRoot"):
        yield "a pod with a token or with root"
    for container in pod["containers"]:
        held = container["securityContext"]
        is_locked = held["readOnlyRootFilesystem"] and held["capabilities"] == {"drop": ["ALL"]}
        if not is_locked or held["allowPrivilegeEscalation"] or held["runAsUser"] < 10_000:
            yield f"{container['name']} is not locked up"
        if "memory" not in container["resources"].get("limits", {}):
            yield f"{container['name']} has no limit of memory"


if __name__ == "__main__":
    sys.exit(main())
