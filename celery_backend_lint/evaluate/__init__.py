"""Python trees to values: scopes, imports across the project, classes, the calls that are understood."""
