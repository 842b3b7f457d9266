"""Sample documents of our own making with their exact truth (a development tool)."""
