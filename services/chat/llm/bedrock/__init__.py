"""Models on Amazon Bedrock, by the Converse API: https://docs.aws.amazon.com/bedrock/latest/APIReference/.

The one place that knows its wire names: what is asked (`asking`), whom (`candidates`), the bytes that come back
(`frames`, `listening`), what they say (`reading`) and how they fail (`faults`).
"""

from services.chat.llm.bedrock.models import BedrockModels

__all__ = ["BedrockModels"]
