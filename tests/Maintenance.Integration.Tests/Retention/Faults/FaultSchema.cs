using System.Globalization;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>The tables of a fault run.</summary>
internal static class FaultSchema
{
    private const int DaysOfPartition = 10;

    /// <summary>So far from the edge of a partition a day is surely within it.</summary>
    private const int EdgeDays = 2;

    /// <summary>The oldest partition of old rows ends here, at first.</summary>
    private const int OldestDay = 100;

    /// <summary>Creates them: t, t_archive, the table of truth, and one for the rows of files.</summary>
    public static string Create(FaultCase @case)
    {
        const string Columns = "id bigint NOT NULL, at {0}, v int NOT NULL, note text";
        var columns = string.Format(CultureInfo.InvariantCulture, Columns, @case.TimeType);
        var by = @case.IsPartitioned ? " PARTITION BY RANGE (at)" : "";
        return $"""
            CREATE TABLE t ({columns}){by};
            CREATE TABLE t_archive ({columns}){by};
            CREATE TABLE files ({columns});
            CREATE TABLE truth (seq bigserial PRIMARY KEY, {columns}, gone boolean NOT NULL DEFAULT false);
            CREATE FUNCTION time_of(before text) RETURNS {@case.TimeType} LANGUAGE sql RETURN
                CASE WHEN before LIKE '%infinity' THEN before::{@case.TimeType} ELSE (clock_timestamp() - make_interval(secs => before::double precision))::{@case.TimeType} END;
            CREATE FUNCTION full_after(bytes bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                IF pg_relation_size('t_archive') > bytes * 100 THEN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END IF;
                RETURN true;
            END $$;
            CREATE TABLE day_zero (at timestamptz);
            INSERT INTO day_zero VALUES (now());
            {(@case.IsPartitioned ? Partitions(@case) : "")}
            """;
    }

    public static string Indexes => "CREATE INDEX ON t (at); CREATE INDEX ON t (id); CREATE INDEX ON t_archive (at); CREATE INDEX ON truth (id, seq); ANALYZE t";

    /// <summary>Which rows a later fill adds, in days before now. Ranges that were there may be archived whole, and a new partition for them could not go the same way.</summary>
    public static (int From, int To) DaysOfFill(FaultCase @case, int number) =>
        @case.IsPartitioned && number > 0 ? (OldestDay + EdgeDays + (number - 1) * 50, OldestDay - DaysOfPartition + number * 50) : (FaultBench.AgeDays + 1, 90);

    /// <summary>What must be there before a later fill.</summary>
    public static string BeforeFill(FaultCase @case, int number)
    {
        var (from, to) = DaysOfFill(@case, number);
        return @case.IsPartitioned && number > 0 ? Old(@case, from - EdgeDays, to + DaysOfPartition) : "SELECT";
    }

    // The cut-off is within one.
    private static string Partitions(FaultCase @case) => $"""
        {Old(@case, 40, OldestDay)}
        {Partition(@case, "t", 40, 20, "t_middle")}
        {Partition(@case, "t_archive", 40, 20, "t_archive_middle")}
        {Partition(@case, "t", 20, 0, "t_young")}
        {(@case.HasDefault ? "CREATE TABLE t_default PARTITION OF t DEFAULT; CREATE TABLE t_archive_default PARTITION OF t_archive DEFAULT;" : "")}
        """;

    private static string Old(FaultCase @case, int from, int to) => string.Join(
        '\n',
        Enumerable.Range(0, (to - from + DaysOfPartition - 1) / DaysOfPartition)
            .Select(number => from + number * DaysOfPartition)
            .Select(day => Partition(@case, "t", Math.Min(to, day + DaysOfPartition), day, $"t_old_{day}")));

    private static string Partition(FaultCase @case, string table, int fromDay, int toDay, string name) => $"""
        DO $$ BEGIN EXECUTE format('CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES FROM (%L) TO ({(toDay == 0 ? "MAXVALUE" : "%L")})',
            (SELECT (at - interval '{fromDay} days')::{@case.TimeType} FROM day_zero), (SELECT (at - interval '{toDay} days')::{@case.TimeType} FROM day_zero)); END $$;
        """;
}
