"""What a client of ``/ogc`` can do wrong, in the one form that our code raises."""

from spatial.errors import ShapanError


class BadRequest(ShapanError):
    """A parameter or a filter that cannot be read or does not fit the collection."""
