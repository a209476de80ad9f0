-- $1: the request, jsonb. Every function answers this after having asked its database.
SELECT jsonb_build_object('status', 'healthy', 'version', 'sandbox', 'database', current_database(), 'asked', $1 ->> 'action')
