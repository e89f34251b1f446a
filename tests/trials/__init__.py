"""The code that `make chaos` and `make bench` share: cases, records that survive an interruption, and a report."""
