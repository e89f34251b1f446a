"""Keeps the processes of the local system running: PyPI's `supervisor`, configured and ended without a trace."""
