"""`make up`: runs the whole system on one machine in the foreground until Ctrl-C."""
