"""What a check says: one file a format."""
