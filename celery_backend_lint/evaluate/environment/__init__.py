"""Reads of the process environment, by the libraries that read it."""
