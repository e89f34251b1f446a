"""Keeps the processes of the local system running with PyPI's `supervisor`."""
