-- Makes room for a run that is recorded again; what belongs to it goes with it. $1 its id.
DELETE FROM runs WHERE id = $1
