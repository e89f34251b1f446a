"""`make chaos`: the running system is hurt in every way of the issue's table, and must keep its promises."""
