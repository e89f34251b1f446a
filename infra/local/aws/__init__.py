"""The embedded AWS of the local system: ministack with a few patches. See docs/local-aws.md."""
