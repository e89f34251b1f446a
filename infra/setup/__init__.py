"""Sets up this checkout: uv, two Python environments, the built web client. Standard library only: it comes first."""
