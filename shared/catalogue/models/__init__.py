"""The files of the catalogue. To add a model, add an entry to the file of its provider; docs/models.md explains how.

`index.json` has the date of the price list, the order of the files, and families of several providers.
"""
