"""Tasks, the flows that are made of them, and the results that code reads: what the rules about their use share."""
