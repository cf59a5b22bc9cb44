"""The budgets of the sandbox page beside a plain page; `benchmarks/screens.py` says what is measured how."""
