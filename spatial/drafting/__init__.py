"""Grids that are found by themselves: ground in pieces of a building each, divided or balanced by their households.

Pure: nothing here knows a database or a page. Geometries are in lattice units unless said otherwise.
"""
