"""The live side: a probe that runs in the project's own interpreter, its caller, and what comes of comparing."""
