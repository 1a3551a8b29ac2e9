"""Manifests and lock files: what the project declares that it installs."""
