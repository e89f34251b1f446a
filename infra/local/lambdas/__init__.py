"""Lambda on this machine: runs packaged functions in execution environments, behind the real web adapter.

The package's name is plural, because `lambda` is a keyword of Python.
"""
