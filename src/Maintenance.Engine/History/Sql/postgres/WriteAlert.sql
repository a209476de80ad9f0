-- A change of an alert. $1 target, $2 when, $3 the change as JSON.
INSERT INTO maintenance.alerts (target, changed_at, alert) VALUES ($1, $2, $3)
