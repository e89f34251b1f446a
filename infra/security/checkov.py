"""Runs checkov over the templates, after SAM has translated them to plain resources."""

import json
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from infra.deploy.deployment import ALL
from infra.deploy.templates import load
from infra.packaging.wheels import REPOSITORY
from infra.security.exceptions import Finding

_AS_DEPLOYED: Final = {
    "Compute": "lambda",
    "EdgeWebAclArn": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/edge/1",
    "FirewallArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1",
}
"""Values for parameters, because with their defaults the conditions would leave out most resources."""
_MOST_S: Final = 300


def translate(stack: str) -> dict[str, Any]:
    """Translate the template with AWS's own translator, which is installed beside the embedded AWS."""
    template = deepcopy(load(stack))
    if "Transform" not in template:
        return template
    script = Path(__file__).with_name("sam_translation.py")
    python = REPOSITORY / ".venv-aws/bin/python"
    environment = {"PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "us-east-1"}
    return dict(json.loads(_run([str(python), str(script)], environment, REPOSITORY, json.dumps(template))))


def write_templates(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for stack in ALL:
        template = translate(stack)
        for name, value in _AS_DEPLOYED.items():
            if name in template["Parameters"]:
                template["Parameters"][name]["Default"] = value
        (folder / f"{stack}.json").write_text(json.dumps(template))


def findings(folder: Path) -> list[Finding]:
    """Run checkov offline. HOME is the folder, so that it uses no settings or keys of the developer."""
    checkov = REPOSITORY / ".venv-security/bin/checkov"
    words = [
        "--framework",
        "cloudformation",
        "--output",
        "json",
        "--quiet",
        "--compact",
        "--skip-download",
        "--soft-fail",
    ]
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    report = json.loads(_run([str(checkov), "--directory", str(folder), *words], alone, folder))
    if report["summary"]["parsing_errors"]:
        raise ValueError(f"checkov could not read {report['summary']['parsing_errors']} templates")
    return [_finding(each) for each in report["results"]["failed_checks"]]


def _finding(report: dict[str, Any]) -> Finding:
    stack, resource = Path(report["file_path"]).stem, report["resource"].rpartition(".")[2]
    return Finding(report["check_id"], f"{stack}:{resource}", report["check_name"])


def _run(command: list[str], environment: dict[str, str], folder: Path, sent: str | None = None) -> str:
    done = subprocess.run(  # noqa: S603 - our own tools
        command, input=sent, capture_output=True, text=True, check=True, timeout=_MOST_S, env=environment, cwd=folder
    )
    return done.stdout
