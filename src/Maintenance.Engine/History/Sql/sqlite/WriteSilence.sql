-- A silence, in place of an earlier one of its id. $1 id, $2 target, $3 when it ends, $4 the silence as JSON.
INSERT INTO alert_silences (id, target, ends_at, silence) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at, silence = excluded.silence
