"""The session that makes clients. botocore is the heaviest import of the house: it comes with the first client."""

from aiobotocore.session import AioSession

from shared.aws.service_models import TrimmedServiceModels


def new_session(profile: str | None = None) -> AioSession:
    """Endpoints, region and credentials are botocore's own settings; `profile` names one of its configuration."""
    session = AioSession(profile=profile)
    session.get_component("data_loader").file_loader = TrimmedServiceModels()
    return session
