"""`make chaos`: injects faults into the running system and checks that it keeps its promises."""
