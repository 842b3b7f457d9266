"""The parts of a page, each in several forms."""
