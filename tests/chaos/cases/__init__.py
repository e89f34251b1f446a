"""One module per case of the issue's table."""
