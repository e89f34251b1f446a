"""`make bench`: measures what a durable answer costs compared with a bare relay, on this machine, in one run."""
