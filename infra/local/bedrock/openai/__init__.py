"""Serves models of OpenAI-compatible servers by Bedrock's Converse API."""
