"""Rasters: imagery and terrain from GeoTIFF, made into Cloud Optimized GeoTIFF.

``geotiff.py`` looks at a file without GDAL; ``child.py`` starts the process that may open it, ``worker.py`` is that
process; ``convert.py`` is what it does; ``position.py`` decides where the raster lies; ``bands.py`` what it may hold;
``run.py`` is the whole story.
"""
