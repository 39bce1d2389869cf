"""The data files beside an article."""
