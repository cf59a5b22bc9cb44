"""Background jobs of the service: numbering changes, summing by cell, forgetting what is old, making partitions,
watching the freshness of devices.

``python -m spatial.jobs PARENT`` runs all of them beside its parent process, ``shapan serve``.
Several may run at once: each job holds its own advisory lock while it works, so one works and
the others wait to take over.
"""
