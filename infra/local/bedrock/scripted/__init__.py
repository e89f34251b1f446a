"""Deterministic models for tests, load and faults."""
