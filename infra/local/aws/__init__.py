"""The embedded AWS of the local system: ministack, started with the few patches it needs. See docs/local-aws.md."""
