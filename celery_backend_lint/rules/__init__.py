"""The rules: one file a rule, ``cblNNN_its_name.py``. The folder is the registry (``catalogue`` walks it)."""
