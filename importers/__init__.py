"""Files to rows: read, map, validate, reproject, stage, place, upsert."""
