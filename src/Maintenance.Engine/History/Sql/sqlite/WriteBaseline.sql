-- One baseline. $1 target, $2 when it was measured, $3 what it came to.
INSERT INTO baselines (target, measured_at, baseline) VALUES ($1, $2, $3)
