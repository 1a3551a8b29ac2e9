"""Fixes: edits composed, checked and applied as one transaction; the writers that put things where they belong."""
