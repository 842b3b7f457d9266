"""The words everyone speaks: what goes in, what was read, what comes out."""
