-- What the file is: schema version, whose it is, and whether it holds anything at all.
SELECT (SELECT user_version FROM pragma_user_version),
       (SELECT application_id FROM pragma_application_id),
       EXISTS (SELECT 1 FROM sqlite_schema)
