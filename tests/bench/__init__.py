"""`make bench`: what a durable answer costs beside the barest relay there can be, on this machine, in one run."""
