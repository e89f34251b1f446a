"""The suites of `make test`, which run one after the other. CI runs the same."""
