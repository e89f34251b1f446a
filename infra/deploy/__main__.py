"""`make deploy ENV=prod [FILE=deploy.toml] [YES=1]`, `make destroy ENV=prod [DATA=1]`."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.deploy import destruction, smoke
from infra.deploy.account import Account, NoAccountError
from infra.deploy.config import DeployConfig, read_config
from infra.deploy.deployment import Deployment
from infra.deploy.parameters import InvalidParameterError
from infra.deploy.stacks import StackFailedError
from infra.deploy.stages import NotApprovedError
from infra.deploy.terminal import Terminal
from infra.packaging.build import build_if_changed
from infra.packaging.target import Target
from infra.packaging.wheels import REPOSITORY
from infra.setup.commands import CannotSetUpError

_USUAL_FILE: Final = Path("deploy.toml")
_SMOKE_S: Final = 180.0


class DeploySettings(BaseSettings):
    """Settings with plain names and no prefix: the variables of the Makefile."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    env: str = Field(pattern=r"^[a-z][a-z0-9]{0,9}$", description="name of the environment")
    file: Path | None = Field(default=None, description="path of deploy.toml; by default ./deploy.toml, if it exists")
    yes: bool = Field(default=False, description="make the changes without asking; they are still shown")
    data: bool = Field(default=False, description="destroy deletes people's data too")


def deploy(environment: str, config: DeployConfig, terminal: Terminal) -> None:
    """Deploy everything and test it. Raises the errors that `report_errors` prints."""
    account = Account.of_terminal(config.region)
    pages = REPOSITORY / "frontend" / "dist"
    deployment = Deployment(environment, config, account, terminal, pages)
    deployment.check()
    terminal.say(f"{environment}, in account {account.id}, {account.region}")
    with terminal.step("templates"):
        _validate()
    with terminal.step("packages"):
        build_if_changed(Target(config.arch, config.runtime.removeprefix("python")))
    deployed = deployment.run()
    with terminal.step("smoke test"):
        found = smoke.find_problems(deployed.address, deployed.apis, deployed.user_pool, _SMOKE_S)
    for trouble in found:
        terminal.say(f"  ! {trouble}")
    terminal.say(f"\n{deployed.address}\n")
    if found:
        raise StackFailedError("the deployment is done, but its smoke test failed")


def _validate() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    templates = sorted(map(str, (REPOSITORY / "infra/sam").glob("*.yaml")))
    done = subprocess.run([linter, *templates], check=False)  # noqa: S603 - our own templates
    if done.returncode:
        raise InvalidParameterError("a template is not valid; nothing was deployed")


def destroy(environment: str, config: DeployConfig, terminal: Terminal, *, with_data: bool) -> None:
    account = Account.of_terminal(config.region)
    destruction.Destruction(environment, account, terminal).run(with_data=with_data)


def report_errors(name: str, act: Callable[[], None]) -> int:
    """Run `act` and print an expected error as one sentence. Returns the exit code."""
    try:
        act()
    except NotApprovedError:
        print(f"{name}: nothing more was changed", file=sys.stderr)
    except KeyboardInterrupt:
        print(
            f"\n{name}: interrupted; CloudFormation finishes what it has started. Run the same command to continue.",
            file=sys.stderr,
        )
    except (
        NoAccountError, InvalidParameterError, StackFailedError, CannotSetUpError, BotoCoreError, ClientError,
    ) as error:  # fmt: skip
        print(f"{name}: {error}", file=sys.stderr)
    else:
        return 0
    return 1


def main(words: list[str]) -> int:
    act = words[0] if words else "deploy"
    name = f"make {act}"
    try:
        settings = DeploySettings()
    except ValidationError:
        print(f"{name}: set ENV to the environment's name: up to ten lower-case letters and digits", file=sys.stderr)
        return 1
    terminal = Terminal(yes=settings.yes)

    def run() -> None:
        config = _config(settings)
        if act == "destroy":
            destroy(settings.env, config, terminal, with_data=settings.data)
        else:
            deploy(settings.env, config, terminal)

    return report_errors(name, run)


def _config(settings: DeploySettings) -> DeployConfig:
    """The configuration of the environment. A file named by FILE must exist; without any file the defaults apply."""
    if settings.file:
        return read_config(settings.file, settings.env)
    return read_config(_USUAL_FILE, settings.env) if _USUAL_FILE.is_file() else DeployConfig()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
