"""What ``benchmarks/tiles.py`` is made of: data, servers, load, and each question that it answers."""
