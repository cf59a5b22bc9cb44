"""Scenes: pure functions from declarations and rows to pydeck layers.

pydeck makes JSON only; the browser turns it into deck.gl layers. Anything large stands
behind a URL, user text never becomes a layer's argument, and a constant text is wrapped in
``pydeck.types.String``, because a plain one would become a JavaScript expression.
"""
