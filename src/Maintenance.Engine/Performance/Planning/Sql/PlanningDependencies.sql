-- What planning something may look into: the first two columns are the object (catalogue and OID), the others what it looks into. Triggers and
-- foreign keys play no part in planning.
SELECT classid::bigint, objid::bigint, refclassid::bigint, refobjid::bigint
FROM pg_depend
WHERE classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass, 'pg_cast'::regclass, 'pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_constraint'::regclass, 'pg_attrdef'::regclass, 'pg_statistic_ext'::regclass)
  AND refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_constraint'::regclass)
  AND NOT (classid = 'pg_constraint'::regclass AND objid IN (SELECT oid FROM pg_constraint WHERE contype = 'f'))
UNION ALL
-- The contents of a materialized view are read as those of a table are.
SELECT 'pg_class'::regclass::oid::bigint, rule.ev_class::bigint, 'pg_rewrite'::regclass::oid::bigint, rule.oid::bigint
FROM pg_rewrite AS rule
JOIN pg_class AS class ON class.oid = rule.ev_class
WHERE class.relkind <> 'm'
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, polrelid::bigint, 'pg_policy'::regclass::oid::bigint, oid::bigint FROM pg_policy
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, indrelid::bigint, 'pg_class'::regclass::oid::bigint, indexrelid::bigint FROM pg_index
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, conrelid::bigint, 'pg_constraint'::regclass::oid::bigint, oid::bigint FROM pg_constraint WHERE conrelid <> 0 AND contype <> 'f'
UNION ALL
SELECT 'pg_type'::regclass::oid::bigint, contypid::bigint, 'pg_constraint'::regclass::oid::bigint, oid::bigint FROM pg_constraint WHERE contypid <> 0
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, adrelid::bigint, 'pg_attrdef'::regclass::oid::bigint, oid::bigint FROM pg_attrdef
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, stxrelid::bigint, 'pg_statistic_ext'::regclass::oid::bigint, oid::bigint FROM pg_statistic_ext
UNION ALL
-- Partitions and children are planned with what they belong to.
SELECT 'pg_class'::regclass::oid::bigint, inhparent::bigint, 'pg_class'::regclass::oid::bigint, inhrelid::bigint FROM pg_inherits
UNION ALL
-- A cast is used without being named.
SELECT 'pg_type'::regclass::oid::bigint, castsource::bigint, 'pg_cast'::regclass::oid::bigint, oid::bigint FROM pg_cast WHERE castsource >= 16384
UNION ALL
SELECT 'pg_type'::regclass::oid::bigint, casttarget::bigint, 'pg_cast'::regclass::oid::bigint, oid::bigint FROM pg_cast WHERE casttarget >= 16384
UNION ALL
-- So are the operators that sort and compare a type.
SELECT 'pg_opfamily'::regclass::oid::bigint, amprocfamily::bigint, 'pg_amproc'::regclass::oid::bigint, oid::bigint FROM pg_amproc WHERE oid >= 16384
UNION ALL
SELECT 'pg_opfamily'::regclass::oid::bigint, amopfamily::bigint, 'pg_amop'::regclass::oid::bigint, oid::bigint FROM pg_amop WHERE oid >= 16384
UNION ALL
SELECT 'pg_opclass'::regclass::oid::bigint, oid::bigint, 'pg_opfamily'::regclass::oid::bigint, opcfamily::bigint FROM pg_opclass WHERE oid >= 16384
UNION ALL
SELECT 'pg_type'::regclass::oid::bigint, opcintype::bigint, 'pg_opclass'::regclass::oid::bigint, oid::bigint FROM pg_opclass WHERE oid >= 16384
