"""The rules: one file a rule, ``cblNNN_name_with_underscores.py``. The folder is the registry (``catalogue`` walks it)."""
