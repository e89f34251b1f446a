"""The one address of the local system: the SPA, and `/api/<service>/…` for the services behind it."""
