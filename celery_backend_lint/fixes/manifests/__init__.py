"""Requirements put into manifests, each in the manner of its format and of the file. Start at ``changes``."""
