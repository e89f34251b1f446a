"""Sets up this checkout: uv, two Python environments, the web client.

It uses the standard library only, because it runs before any package is installed.
"""
