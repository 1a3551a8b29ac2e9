"""Classes and their instances: attributes, constructors, dataclasses, attrs, enums."""
