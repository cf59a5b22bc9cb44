"""A wall display over days that pass in minutes."""
