"""The gates of `make test`, one after the other, each with its time. CI runs the same."""
