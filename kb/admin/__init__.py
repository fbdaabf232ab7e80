"""The knowledge base's desk: where articles are written, checked and put before readers."""

from kb.admin import articles, categories, flags, gaps, grading, pictures, rules, searching

__all__ = ["articles", "categories", "flags", "gaps", "grading", "pictures", "rules", "searching"]
