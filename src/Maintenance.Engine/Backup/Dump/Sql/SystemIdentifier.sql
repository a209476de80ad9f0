-- Every role may ask, unless somebody took that right away.
SELECT system_identifier::text FROM pg_control_system()
