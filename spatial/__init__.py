"""The spatial database: model, queries, change feed and the embedded server."""
