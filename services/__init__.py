"""The five services. They never import one another."""
