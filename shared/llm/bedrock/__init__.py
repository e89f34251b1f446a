"""Amazon Bedrock as provider of models: https://docs.aws.amazon.com/bedrock/latest/APIReference/ (Bedrock Runtime).

The only code that knows Bedrock's wire names; the catalogue's files have those that differ by model. `models` is the
adapter of the model port. `request` builds the arguments, with `parameters` for tokens, sampling and thinking, and
`candidates` chooses region and model id; `response_stream` reads bytes, `event_stream` splits them into events and
`decoder` translates these; `token_count` counts a request's tokens before the call; `errors` maps failures, `retry`
repeats requests and `spans` traces them.
"""

from shared.llm.bedrock.models import BedrockModels

__all__ = ["BedrockModels"]
