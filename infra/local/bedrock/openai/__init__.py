"""Models behind OpenAI's chat completions, translated to Bedrock's Converse."""
