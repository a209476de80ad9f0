namespace Maintenance;

/// <summary>
/// When autovacuum will come to a table: its effective thresholds, with the table's own settings, and how far it is from them.
/// The counters are those of the statistics system, since the last vacuum or analyze.
/// </summary>
public sealed record AutovacuumOutlook
{
    /// <summary>False if autovacuum is off for the server or for the table; then it comes only to prevent wraparound.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Dead rows beyond which the table is vacuumed.</summary>
    public required double VacuumThreshold { get; init; }

    /// <summary>Dead rows now.</summary>
    public required long DeadTuples { get; init; }

    /// <summary>True if there are more dead rows than the threshold.</summary>
    public bool VacuumDue => Enabled && DeadTuples > VacuumThreshold;

    /// <summary>Inserted rows beyond which the table is vacuumed; null where this is switched off.</summary>
    public double? InsertThreshold { get; init; }

    /// <summary>Rows inserted since the last vacuum.</summary>
    public required long InsertedTuples { get; init; }

    /// <summary>True if more rows were inserted than the threshold.</summary>
    public bool InsertDue => Enabled && InsertedTuples > InsertThreshold;

    /// <summary>Changed rows beyond which the table is analyzed; null for a TOAST table, which never is.</summary>
    public double? AnalyzeThreshold { get; init; }

    /// <summary>Rows inserted, updated or deleted since the last analyze.</summary>
    public required long ModifiedTuples { get; init; }

    /// <summary>True if more rows were changed than the threshold.</summary>
    public bool AnalyzeDue => Enabled && ModifiedTuples > AnalyzeThreshold;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{(Enabled ? "" : "off; ")}dead {DeadTuples} of {VacuumThreshold:0}{(VacuumDue ? " (due)" : "")}, inserted {InsertedTuples} of {(InsertThreshold is { } insert ? FormattableString.Invariant($"{insert:0}") : "-")}{(InsertDue ? " (due)" : "")}, modified {ModifiedTuples} of {(AnalyzeThreshold is { } analyze ? FormattableString.Invariant($"{analyze:0}") : "-")}{(AnalyzeDue ? " (due)" : "")}");
}
