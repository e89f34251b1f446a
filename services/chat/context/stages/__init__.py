"""The stages of a context, in the order in which they run. A new stage is a module here and a line in this list."""

from collections.abc import Sequence

from services.chat.adapters.tool_catalog import ToolCatalog
from services.chat.context.stage import Stage
from services.chat.context.stages.history import History
from services.chat.context.stages.tools import Tools
from services.chat.settings import ChatSettings


def all_stages(settings: ChatSettings, tool_catalog: ToolCatalog) -> Sequence[Stage]:
    return (
        Tools(tool_catalog),  # before the history, which keeps tool calls only where tools are offered
        History(settings.max_output_tokens),
    )
