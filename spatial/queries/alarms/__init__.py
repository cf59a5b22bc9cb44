"""Alarms: taking messages in, lists, the steps of their life, floods, health.

``record`` is one alarm as pages see it, ``briefs`` what a wall may say of it, ``listing`` reads, ``intake`` takes
messages in (``grouping``, ``strays`` and ``writing`` are parts of that), ``following`` moves alarms with their devices,
``steps`` is what people and jobs do with them, ``floods`` and ``health`` look at many.
"""

from spatial.queries.alarms.briefs import brief
from spatial.queries.alarms.following import follow
from spatial.queries.alarms.intake import Outcome, take_all
from spatial.queries.alarms.listing import count_open, of_building, of_device, open_alarms, worst_open
from spatial.queries.alarms.record import Alarm, as_json, get
from spatial.rules.alarm_messages import Message

__all__ = ["Alarm", "Message", "Outcome", "as_json", "brief", "count_open", "follow", "get", "of_building", "of_device",
           "open_alarms", "take_all", "worst_open"]
