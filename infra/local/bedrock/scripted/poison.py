r"""`[[poison=…]]` anywhere in a request makes every scripted model refuse it, for as long as it is there.

For tests that one bad thing in the history does not make a conversation unusable. Other directives are read from the
last question only and change one answer; a poison acts wherever it is: in any message, tool call, tool result,
reasoning, document, system prompt or tool. To let a model say a poison, write its first bracket as a JSON escape:
`[[text="\u005b[poison=invalid]]"]]`.
"""

import re

from infra.local.bedrock.errors import invalid
from infra.local.bedrock.request_models import ConverseRequest
from infra.local.bedrock.scripted.faults import REFUSALS, Fault

_POISON = re.compile(rb"\[\[poison=([a-z-]*)\]\]")


def fault_of(request: ConverseRequest) -> Fault | None:
    """The refusal that the first poison of the request names. Raises a ValidationException for an unknown one."""
    dumped = request.model_dump_json(include={"messages", "system", "tool_config"}).encode(errors="replace")
    found = _POISON.search(dumped) or _in_a_document(request)
    if found is None:
        return None
    name = found[1].decode()
    if name not in {fault.value for fault in REFUSALS}:
        raise invalid(f"scripted: poison: is one of {', '.join(sorted(REFUSALS))}")
    return Fault(name)


def _in_a_document(request: ConverseRequest) -> re.Match[bytes] | None:
    """Documents are base64 on the wire, so that the search through the blocks does not see their text."""
    for message in request.messages:
        for block in message.content:
            results = block.tool_result.content if block.tool_result else ()
            media = [
                block.document,
                block.image,
                *(each.document for each in results),
                *(each.image for each in results),
            ]
            for each in media:
                if each and each.source.data and (match := _POISON.search(each.source.data)):
                    return match
    return None
