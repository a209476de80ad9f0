-- One sample; a second one of the same time takes its place, as after a clock that was set back.
INSERT INTO maintenance.samples (target, kind, resolution, began_at, span, payload)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (pg_catalog.lower(target), kind, began_at, resolution) DO UPDATE SET span = excluded.span, payload = excluded.payload
