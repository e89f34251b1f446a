"""Serves a GGUF file by an OpenAI-compatible server in its own process, because loading holds Python's lock."""
