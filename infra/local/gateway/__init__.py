"""The gateway: the one public address of the local system. It serves the SPA and forwards `/api/<service>/…`."""
