"""Serves a GGUF file as an OpenAI-compatible server, in its own process: loading it holds Python's lock for seconds."""
