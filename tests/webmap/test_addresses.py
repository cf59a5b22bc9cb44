"""What the OpenAPI document says of the parts of an address."""

from apiflask import APIFlask

from webmap import addresses


def test_a_name_of_which_nothing_is_said_is_a_text_and_the_document_stands() -> None:
    app = APIFlask(__name__)

    @app.get("/elsewhere/<name>")
    @app.get("/styles/<name>.json")
    def shown(name: str) -> str:
        return name

    addresses.register(app)
    answer = app.test_client().get("/openapi.json")
    assert answer.status_code == 200
    schemas = {path: operations["get"]["parameters"][0]["schema"] for path, operations in answer.json["paths"].items()}
    assert schemas == {"/elsewhere/{name}": {"type": "string"}, "/styles/{name}.json": addresses.NAMES["styles"]}
