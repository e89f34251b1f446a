"""Runs a security linter (checkov, in its own environment) over the templates as CloudFormation gets them."""
