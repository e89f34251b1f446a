"""The gates of `make test`, one after the other, each with its time. What runs here is what CI runs."""
