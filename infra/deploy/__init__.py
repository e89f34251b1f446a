"""Deploys the stacks to an AWS account or to the embedded AWS. Shows every change before making it."""
