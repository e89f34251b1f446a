"""Deploys the stacks to an AWS account, or to the embedded AWS, and shows every change before it is made."""
