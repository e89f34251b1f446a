"""`make up BEDROCK=aws`: whose credentials call the real Bedrock, and which models they may use."""
