"""Which files there are: the root, their list, their bytes."""
