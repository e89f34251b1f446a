"""Dead letters: lists them with their reasons, and redrives them. See docs/operations.md."""
