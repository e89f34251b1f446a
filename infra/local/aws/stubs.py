"""Resource types that the embedded AWS refuses. They become stubs that do nothing, so that the templates deploy.

docs/local-aws.md lists them; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class StubbedType:
    """`attributes`: attributes that other resources may read with GetAtt. `checked`: how it is tested otherwise."""

    checked: str
    attributes: tuple[str, ...] = ()


_RELEASES: Final = "cfn-lint's schema; tests of the templates read type, alarms and condition of every function"
_BUS: Final = "cfn-lint's schema; tests of the templates"
_SEARCH: Final = "cfn-lint's schema; tests of the templates; the policies' JSON is read statement by statement"
_EDGE: Final = "cfn-lint's schema; tests read both sides of it: the header that the edge shows and the guard lets in"
STUBBED_TYPES: Final[Mapping[str, StubbedType]] = {
    "AWS::CodeDeploy::Application": StubbedType(_RELEASES),
    "AWS::CodeDeploy::DeploymentGroup": StubbedType(_RELEASES),
    "AWS::EventSchemas::Registry": StubbedType(_BUS, ("RegistryArn", "RegistryName")),
    "AWS::EventSchemas::Discoverer": StubbedType(_BUS, ("DiscovererArn", "DiscovererId")),
    "AWS::Events::Archive": StubbedType(_BUS, ("Arn",)),
    "AWS::OpenSearchServerless::AccessPolicy": StubbedType(_SEARCH),
    "AWS::OpenSearchServerless::Collection": StubbedType(
        _SEARCH, ("Arn", "Id", "CollectionEndpoint", "DashboardEndpoint")
    ),
    "AWS::OpenSearchServerless::SecurityPolicy": StubbedType(_SEARCH),
    "AWS::WAFv2::IPSet": StubbedType(_EDGE, ("Arn", "Id")),
    "AWS::WAFv2::WebACLAssociation": StubbedType(_EDGE),
}
METRIC_MATH_ALARM: Final = StubbedType("cfn-lint's schema; tests of the templates", ("Arn",))
