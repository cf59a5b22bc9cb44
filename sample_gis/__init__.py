"""A seeded city written as GIS files, and traffic for it. Imports nothing of ours."""
