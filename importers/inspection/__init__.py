"""What a file holds, before anything is imported: ``shapan inspect``.

One question for each module: what is read (``sample``), what the columns hold (``columns``), how
the text is encoded (``encodings``), in which system the coordinates are (``systems``, against what
is on record: ``record``), which concept and mapping fit (``proposal``), and how it is said
(``findings``). Nothing is claimed without evidence, and no value of a person is ever shown.
"""
