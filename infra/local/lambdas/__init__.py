"""Lambda on this machine: packaged functions in environments of their own, behind the real adapter.

Named in the plural, for `lambda` is a word of the language.
"""
