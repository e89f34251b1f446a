"""A model server for one machine that speaks Bedrock Runtime's wire format. See `docs/local-models.md`."""
