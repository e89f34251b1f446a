"""Keeps the processes of the local system running, by the package `supervisor`."""
