"""The only door to the search engine."""
