"""Background jobs of the service: numbering changes, summing by cell and by day, telling what is overdue, looking after
alarms, watching the freshness of devices, keeping the state of places and the figures of days, forgetting what is old,
making partitions, dropping old ones.

``python -m spatial.jobs PARENT`` runs all of them beside its parent process, ``shapan serve``.
Several may run at once: each job holds its own advisory lock while it works, so one works and
the others wait to take over. Forgetting and making partitions need none: done twice, they do no more.
"""
