"""Tern & Kettle, the company of the demo: its shop, its answers, its customers."""
