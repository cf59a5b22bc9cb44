"""How fast alarms reach every open page, how many come in without one lost, how soon it goes on after a failure.

    python benchmarks/live.py                  1,000 streams; 500 messages/s for 10 minutes
    python benchmarks/live.py --quick          100 streams, one service for all: less than a minute
    python benchmarks/live.py --streams 2000
    python benchmarks/live.py --json           everything as one JSON object
    python benchmarks/live.py --write-docs     tables into docs/performance.md

Works in a private cluster of its own with 10,000 buildings and a detector in each second one, which it removes at the
end; needs the PostgreSQL server binaries that `shapan db up` finds. Everything enters and leaves by HTTP.

- From a message to the streams: single messages at 50 a second over 8 connections, of devices by chance; where so many
  devices are on record nearly each raises a new alarm. Timed is each new alarm in each of the open streams, from the
  posting of its message, so that intake, commit, numbering and delivery are all in it. One other process reads all
  streams; all clocks are one.
- Messages in: posted on schedule, whether the service keeps up or not, and again until they are acknowledged; counted
  are rows of `alarm_message` against acknowledgements. The wait counts from when a batch was due.
- Broken under load: the service is killed with signal 9 and started again, the database's sessions are all broken off
  as by a crash. Counted is the time without an acknowledgement, and whether all that was acknowledged is on record.

What a table says of absolute times is the machine's, on which load, service and database share the processors.
"""

import sys
from pathlib import Path

# In this file's own folder are files named as the product's packages are.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.live_stream import bench  # noqa: E402

if __name__ == "__main__":
    bench.main(__doc__.splitlines()[0])
