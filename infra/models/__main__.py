"""`python -m infra.models` prints the report on the catalogue of today."""

import sys
from datetime import UTC

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.models.report import Report
from shared.catalogue import Source
from shared.catalogue.data import catalogue_data
from shared.clock import SystemClock


class ModelsSettings(BaseSettings):
    """Variables of `make models`; both are JSON lists."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    model_sources: tuple[Source, ...] = ("bedrock",)
    allowed_models: tuple[str, ...] = Field(default=(), description="catalogue ids; empty allows all")


def main() -> int:
    settings, data = ModelsSettings(), catalogue_data()
    if unknown := set(settings.allowed_models) - {model.id for model in data.models}:
        print(f"make models: the catalogue has no model {min(unknown)}", file=sys.stderr)
        return 2
    today = SystemClock().now().astimezone(UTC).date()
    print(*Report(data, settings.model_sources, settings.allowed_models, today).lines(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
