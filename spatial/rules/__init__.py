"""State machines and alarm rules: pure functions without a database."""
