"""Bringing stacks to an account, or to the embedded AWS: what would change is seen before it changes."""
