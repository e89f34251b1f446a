"""Generators of the pages and documents in docs/ that follow from the code. No service and no package contains them."""
