"""Dead letters: which there are and why, and how they are put back. docs/operations.md tells."""
