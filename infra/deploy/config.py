"""`deploy.toml`: one table for each environment, with the options that differ from the defaults.

[prod]
region = "eu-central-1"
logo = "branding/logo.svg"

[prod.parameters]
SelfSignUp = false
AllowedIpV4AddressRanges = ["203.0.113.0/24"]
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.deploy.parameters import InvalidParameterError, ParameterValue, as_text

Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]


class DeployConfig(BaseModel):
    """`firewall`: whether CloudFront gets a firewall. It is in us-east-1; set false if you may not use that region.

    `logo`: path of a picture for the web chat, relative to the file. `parameters`: the templates' parameters by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Region | None = None
    arch: Literal["arm64", "x86_64"] = "arm64"
    runtime: Annotated[str, Field(pattern=r"^python3\.\d+$")] = "python3.13"
    firewall: bool = True
    logo: Path | None = None
    parameters: dict[str, ParameterValue] = {}

    def parameters_as_text(self) -> dict[str, str]:
        """The parameters as CloudFormation reads them."""
        functions = {"Compute": "lambda", "Arch": self.arch, "PythonRuntime": self.runtime}
        return {name: as_text(name, value) for name, value in self.parameters.items()} | functions


def read_config(file: Path, environment: str) -> DeployConfig:
    """Read the environment's table. Raises InvalidParameterError with the place in the file that is wrong."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as unreadable:
        raise InvalidParameterError(f"{file}: {unreadable}") from unreadable
    if environment not in tables:
        raise InvalidParameterError(f"{file} has no table [{environment}]; it has {', '.join(tables) or 'none'}")
    try:
        config = DeployConfig.model_validate(tables[environment])
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(map(str, [environment, *first["loc"]]))
        raise InvalidParameterError(f"{file}: {place}: {first['msg']}") from wrong
    if config.logo is None:
        return config
    logo = (file.parent / config.logo).resolve()
    if not logo.is_file():
        raise InvalidParameterError(f"{file}: {environment}.logo: there is no {logo.name}")
    return config.model_copy(update={"logo": logo})
