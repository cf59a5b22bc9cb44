"""Reads and writes, one file for each concept: the SQL stands above its function.

A function takes a connection that is inside a transaction of its caller, with the
jurisdiction set (``spatial/db.py``), and returns frozen dataclasses. None of them commits.
"""
