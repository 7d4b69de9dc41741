"""Each test of a confirmation runs on each database."""

from tests.builders.databases import database, database_url

__all__ = ["database", "database_url"]
