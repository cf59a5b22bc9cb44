"""Background jobs of the service: numbering the change feed, making partitions.

``python -m spatial.jobs`` runs all of them; ``shapan serve`` keeps it running beside the
service. Several may run at once: each job holds its own advisory lock while it works, so one
works and the others wait to take over.
"""
