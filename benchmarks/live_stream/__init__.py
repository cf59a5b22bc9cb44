"""Measures the live stream: many open streams, read by one process, while alarms come in."""
