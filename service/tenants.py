"""The tenant that is there before any other."""

TENANT = "default"
"""The tenant of open mode, and of keys that are made for no other."""
