"""Kinds of resources that the embedded AWS refuses: here they are names that do nothing, so that a template deploys.

docs/local-aws.md tells them; a test reads both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Inert:
    """`attributes`: what other resources may ask of it. `checked`: how else it is known to be right."""

    checked: str
    attributes: tuple[str, ...] = ()


_RELEASES: Final = "cfn-lint's schema; tests of the templates read type, alarms and condition of every function"
_BUS: Final = "cfn-lint's schema; tests of the templates"
_SEARCH: Final = "cfn-lint's schema; tests of the templates; the policies' JSON is read statement by statement"
_EDGE: Final = "cfn-lint's schema; tests read both sides of it: the header that the edge shows and the guard lets in"
KINDS: Final[Mapping[str, Inert]] = {
    "AWS::CodeDeploy::Application": Inert(_RELEASES),
    "AWS::CodeDeploy::DeploymentGroup": Inert(_RELEASES),
    "AWS::EventSchemas::Registry": Inert(_BUS, ("RegistryArn", "RegistryName")),
    "AWS::EventSchemas::Discoverer": Inert(_BUS, ("DiscovererArn", "DiscovererId")),
    "AWS::Events::Archive": Inert(_BUS, ("Arn",)),
    "AWS::OpenSearchServerless::AccessPolicy": Inert(_SEARCH),
    "AWS::OpenSearchServerless::Collection": Inert(_SEARCH, ("Arn", "Id", "CollectionEndpoint", "DashboardEndpoint")),
    "AWS::OpenSearchServerless::SecurityPolicy": Inert(_SEARCH),
    "AWS::WAFv2::IPSet": Inert(_EDGE, ("Arn", "Id")),
    "AWS::WAFv2::WebACLAssociation": Inert(_EDGE),
}
ALARMS_OVER_SEVERAL_METRICS: Final = Inert("cfn-lint's schema; tests of the templates", ("Arn",))
