"""Search: objects by name, address, code or pinyin."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import DelimitedList, Integer, String
from apiflask.validators import Length, OneOf, Range

from spatial.errors import InvalidInput
from spatial.queries import search as queries
from spatial.rules import search as rules
from webmap import identity
from webmap.fields import Text
from webmap.services import transaction

search = APIBlueprint("search", __name__, url_prefix="/api/search", tag="Search")


class Question(Schema):
    """What is looked for."""

    q = Text(required=True, validate=Length(1, rules.LONGEST_QUESTION),
             metadata={"description": "part of a name or address, a code, pinyin or its initials"})
    kinds = DelimitedList(String(validate=OneOf(queries.KINDS)), load_default=list(queries.KINDS),
                          validate=Length(1, len(queries.KINDS)))
    limit = Integer(load_default=20, validate=Range(1, 100))


@search.get("")
@identity.needs("search.read")
@search.input(Question, location="query", arg_name="query")
@search.doc(summary="Objects by name, address, code or pinyin, the best first; residents are not found")
def find(query: dict[str, Any]) -> dict[str, Any]:
    """Find objects within the jurisdiction. The question is in the address: nothing personal may be asked."""
    if what := rules.looks_personal(query["q"]):
        raise InvalidInput(
            f"This looks like {what}, and a search stands in the address, which proxies and browsers keep.",
            [("q", f"looks like {what}; residents are not found here")],
            "Search for the address, and open the building's card.",
        )
    with transaction() as connection:
        found = queries.find(connection, identity.current().scope, query["q"], tuple(query["kinds"]), query["limit"])
    return {"results": [asdict(one) for one in found]}
