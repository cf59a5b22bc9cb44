"""Events (事件): matters to handle."""

from importers.concepts.declare import Concept, Field, Kind, Placing, Unique

CONCEPT = Concept(
    name="events",
    title="事件",
    table="event",
    placing=Placing.GEOMETRY,
    geometry="Point",
    outline="point",
    fields=(
        Field("code", Kind.TEXT, "number of the case", required=True),
        Field("class_code", Kind.TEXT, "class code, major and minor", required=True),
        Field("source", Kind.TEXT, "who reported it", column="origin", default="patrol",
              allowed=("patrol", "12345", "device", "resident")),
        Field("state", Kind.TEXT, "open (待派遣), dispatched (已派遣), accepted (已受理), rejected (已退回), "
              "done (已办结) or closed (已结案)", default="open",
              allowed=("open", "dispatched", "accepted", "rejected", "done", "closed")),
        Field("title", Kind.TEXT, "what it is about", required=True),
        Field("place", Kind.TEXT, "the place in words"),
        Field("occurred_at", Kind.INSTANT, "when it happened", required=True),
        Field("accept_by", Kind.INSTANT, "until when it is to be accepted; else as its class says"),
        Field("deadline", Kind.INSTANT, "until when it is to be done; else as its class says"),
        Field("dispatched_at", Kind.INSTANT, "when it was sent to whoever handles it"),
        Field("accepted_at", Kind.INSTANT, "when they took it on"),
        Field("done_at", Kind.INSTANT, "when it was done"),
        Field("closed_at", Kind.INSTANT, "when it was closed"),
    ),
    # The table itself takes one number from two sources; in files it is the same case under another name.
    unique=(Unique(("code",), "code"),),
)
