"""Writers for Python sources: where a value, a name, a setting or an import stands, and what to put there instead."""
