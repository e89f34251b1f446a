"""The hosts of a service: a process with roles, and Lambda functions; both from one declaration."""
