"""A GGUF file as an OpenAI-compatible server, in a process of its own: loading it holds Python's lock for seconds."""
