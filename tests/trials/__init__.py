"""What `make chaos` and `make bench` share: cases with a rule, records that survive a break, a table at the end."""
