"""3D Tiles: a folder, or a zip of one, with ``tileset.json`` in it.

``tileset.py`` follows every reference from there and notes in ``walk.py`` what is needed and what is wrong,
``contents.py`` looks into what is drawn, ``volumes.py`` finds where it stands, ``placing.py`` puts it where one says.
``run.py`` is the whole story. No C library reads any of it: JSON and a few binary heads, by Python, within limits.
"""
