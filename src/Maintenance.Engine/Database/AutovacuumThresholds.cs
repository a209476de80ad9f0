using System.Globalization;

namespace Maintenance.Engine.Database;

/// <summary>
/// At how many dead, inserted or changed rows autovacuum takes a table, by the server's settings and the table's own. Pure.
/// Source: https://www.postgresql.org/docs/18/routine-vacuuming.html#AUTOVACUUM and relation_needs_vacanalyze of the server.
/// </summary>
internal sealed record AutovacuumThresholds
{
    public required double VacuumThreshold { get; init; }

    public required double VacuumScaleFactor { get; init; }

    /// <summary>The most that the threshold comes to, however large the table (PostgreSQL 18); null or below 0 for no such limit.</summary>
    public double? VacuumMaximum { get; init; }

    /// <summary>Below 0: inserts alone never make a table due.</summary>
    public required double InsertThreshold { get; init; }

    public required double InsertScaleFactor { get; init; }

    public required double AnalyzeThreshold { get; init; }

    public required double AnalyzeScaleFactor { get; init; }

    /// <summary>Age of transaction ids at which autovacuum takes the table whatever happens.</summary>
    public long FreezeMaximumAge { get; init; } = long.MaxValue;

    public long MultixactFreezeMaximumAge { get; init; } = long.MaxValue;

    /// <summary>False where the server's or the table's own settings keep autovacuum away; it then comes for wraparound alone.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The settings with a table's own put over them, as pg_class.reloptions holds them.</summary>
    public AutovacuumThresholds With(IReadOnlyList<string> options) =>
        With(options.Select(option => option.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]));

    /// <summary>The settings with a table's own put over them, by name.</summary>
    public AutovacuumThresholds With(IReadOnlyDictionary<string, string> own)
    {
        if (own.Count == 0)
        {
            return this;
        }

        return this with
        {
            VacuumThreshold = Number("autovacuum_vacuum_threshold", 0) ?? VacuumThreshold,
            VacuumScaleFactor = Number("autovacuum_vacuum_scale_factor", 0) ?? VacuumScaleFactor,
            VacuumMaximum = Number("autovacuum_vacuum_max_threshold", -1) ?? VacuumMaximum,
            InsertThreshold = Number("autovacuum_vacuum_insert_threshold", -1) ?? InsertThreshold,
            InsertScaleFactor = Number("autovacuum_vacuum_insert_scale_factor", 0) ?? InsertScaleFactor,
            AnalyzeThreshold = Number("autovacuum_analyze_threshold", 0) ?? AnalyzeThreshold,
            AnalyzeScaleFactor = Number("autovacuum_analyze_scale_factor", 0) ?? AnalyzeScaleFactor,
            // A table's own age can only come sooner than the server's.
            FreezeMaximumAge = Math.Min(FreezeMaximumAge, (long)(Number("autovacuum_freeze_max_age", 0) ?? FreezeMaximumAge)),
            MultixactFreezeMaximumAge = Math.Min(MultixactFreezeMaximumAge, (long)(Number("autovacuum_multixact_freeze_max_age", 0) ?? MultixactFreezeMaximumAge)),
            Enabled = Enabled && (!own.TryGetValue("autovacuum_enabled", out var enabled) || IsTrue(enabled)),
        };

        // A value below what the option may mean stands for "as the server has it".
        double? Number(string name, double least) =>
            own.TryGetValue(name, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least ? value : null;
    }

    /// <summary>More dead rows than this make a table due.</summary>
    /// <param name="rows">Rows of the table, as pg_class.reltuples has it: below 0 if nobody ever counted.</param>
    public double Vacuum(double rows)
    {
        var threshold = VacuumThreshold + (VacuumScaleFactor * Math.Max(0, rows));
        return VacuumMaximum is >= 0 and var most ? Math.Min(threshold, most) : threshold;
    }

    /// <summary>More rows inserted since the last VACUUM than this make a table due; null if inserts do not.</summary>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="pages">Its pages.</param>
    /// <param name="frozenPages">Those that are frozen: only the others count (PostgreSQL 18); 0 before.</param>
    public double? Insert(double rows, long pages, long frozenPages)
    {
        if (InsertThreshold < 0)
        {
            return null;
        }

        var unfrozen = pages > 0 && frozenPages > 0 ? 1 - (Math.Min(frozenPages, pages) / (double)pages) : 1;
        return InsertThreshold + (InsertScaleFactor * Math.Max(0, rows) * unfrozen);
    }

    /// <summary>More changed rows than this make the statistics due.</summary>
    /// <param name="rows">Rows of the table.</param>
    public double Analyze(double rows) => AnalyzeThreshold + (AnalyzeScaleFactor * Math.Max(0, rows));

    // The server takes any beginning of these words that can mean only one of them.
    private static bool IsTrue(string text) => text.ToLowerInvariant() is not ("0" or "f" or "fa" or "fal" or "fals" or "false" or "n" or "no" or "of" or "off");
}
