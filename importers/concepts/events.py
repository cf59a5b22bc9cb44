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
        Field("state", Kind.TEXT, "state", default="open", allowed=("open", "dispatched", "done")),
        Field("title", Kind.TEXT, "what it is about", required=True),
        Field("place", Kind.TEXT, "the place in words"),
        Field("occurred_at", Kind.INSTANT, "when it happened", required=True),
        Field("deadline", Kind.INSTANT, "until when it is to be done"),
    ),
    unique=(Unique(("code",), "code"),),
)
