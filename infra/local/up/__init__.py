"""`make up`: the whole system on one machine, in the foreground, ended by Ctrl-C."""
