"""The database of jobs: SQLite or PostgreSQL, by the same code."""
