"""What the entry rate (录入率) counts."""

ENTRY_KINDS = ("population", "housing", "legal_entities", "geography")
"""Kinds of the entry rate: 人口, 房屋, 法人, 地理."""
