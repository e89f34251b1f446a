"""Persistence for every service: unit of work, idempotent requests and pages of lists."""
