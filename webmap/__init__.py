"""The Flask application, its scenes and the browser's pages."""
