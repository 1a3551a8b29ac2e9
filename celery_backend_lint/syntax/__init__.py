"""Text to tree with exact positions, one module per format. Nothing here knows what a text means."""
