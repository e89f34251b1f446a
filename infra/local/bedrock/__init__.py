"""A local model server with the wire format of the Bedrock Runtime. See `docs/local-models.md`."""
