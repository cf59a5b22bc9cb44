"""The bridge (桥接): what gateways publish to an MQTT broker becomes alarms, events and positions.

``config.py`` reads the YAML file; ``topics.py``, ``paths.py``, ``rules.py`` and ``mapping.py`` turn a message into
things that the schemas of ``webmap/messages.py`` check; ``kinds.py`` says how each kind is written and ``store.py``
commits them; ``link.py`` is one connection to the broker and ``run.py`` the loop between the two: a message is
acknowledged to the broker after it is committed here.
"""
