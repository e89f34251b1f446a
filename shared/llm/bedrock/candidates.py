"""Candidates: the regions and ids by which a model can be called, the deployment's own region first.

In each region the model's inference profiles come before the model itself.
"""

from dataclasses import dataclass

from shared.catalogue import Area, Model, area_of
from shared.llm.bedrock.settings import BedrockSettings


@dataclass(frozen=True, slots=True)
class Candidate:
    region: str
    model_id: str

    @property
    def area(self) -> Area:
        """Where the call may be answered; its price depends on this."""
        return area_of(self.model_id)


def candidates(model: Model, settings: BedrockSettings) -> tuple[Candidate, ...]:
    """List the candidates, the preferred one first; at least one."""
    regions = dict.fromkeys((settings.bedrock_region, *settings.bedrock_fallback_regions))
    return tuple(
        Candidate(region, model_id)
        for region in regions
        for model_id in model.invocation_ids(
            region,
            global_profiles=settings.global_inference,
            regional_profiles=settings.cross_region_inference,
        )
    )
