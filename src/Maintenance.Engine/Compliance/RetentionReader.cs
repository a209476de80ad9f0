using Maintenance.Engine.Analytics;
using Maintenance.Engine.Database;
using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Compliance;

/// <summary>Counts the rows of a policy's table that should be gone.</summary>
internal static class RetentionReader
{
    /// <summary>
    /// Rows may be past their age for as long as the next run is away: the guide takes them away once a week (W5), so that some always are.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    /// <summary>Counting ends there.</summary>
    public const int Bound = 100_000;

    /// <summary>Counts.</summary>
    /// <exception cref="MaintenanceException">ObjectNotFound, MappingInvalid, PermissionDenied with the GRANT.</exception>
    public static async Task<RetentionFacts> ReadAsync(DatabaseSession session, RetentionPolicy policy, CancellationToken cancellationToken)
    {
        if (RetentionRules.Check(policy, hasArchiveStore: true).FirstOrDefault() is { } mistake)
        {
            throw new MaintenanceException(MaintenanceErrorCode.MappingInvalid, $"The policy of {policy.Table} cannot be used: {mistake.Setting}. {mistake.Message}", "Correct it in \"retention\".");
        }

        // Whether rows would move or go makes no difference to which are due: the archive need not be looked at.
        policy = policy with { Destination = null, Action = policy.Action == RetentionAction.Anonymise ? policy.Action : RetentionAction.Delete };
        var facts = await PolicyProbe.ReadAsync(session, policy, cancellationToken);
        Check(policy, facts);
        // What the role lacks, and whether it sees every row, is decided as for all tables that are read.
        await MappedTable.OpenAsync(session, Mapping(facts.Table), cancellationToken);
        var statements = new RetentionStatements(policy, facts);
        var cutOff = CutOff.Of(facts.ServerTime, policy.Age + Grace, facts.Time!.Kind!.Value, TimeZoneInfo.FindSystemTimeZoneById(policy.TimeZone));
        // The hold was read as one closed expression (RetentionRules), and the rest is the server's own quoting.
        var table = MappedTable.Of(new Dictionary<string, string>
        {
            ["table"] = statements.Table,
            ["time"] = statements.Time,
            ["time_type"] = statements.TimeType,
            ["not_held"] = statements.NotHeld,
            ["not_done"] = statements.NotDone,
        });
        return (await table.QueryAsync(
            session,
            "Compliance/Sql/RowsPastAge.sql",
            row => new RetentionFacts(
                statements.Table,
                Math.Min(row.GetInt64(0), Bound),
                row.GetInt64(0) > Bound,
                row.IsDBNull(1) ? null : DateTimeOffset.UnixEpoch.AddSeconds(Math.Max(row.GetDouble(1), -62_000_000_000)),
                policy.LegalHold is not null),
            cancellationToken,
            cutOff.Value,
            (long)Bound + 1))[0];
    }

    private static TableMapping Mapping(TableFacts table) => new(
        "retention", "table", table.QuotedName, [.. table.Columns.Select(column => new ColumnMapping("column", column.Name, ColumnKind.Any))]);

    private static void Check(RetentionPolicy policy, PolicyFacts facts)
    {
        if (facts.Time?.Kind is null)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.MappingInvalid,
                facts.Time is null ? $"{facts.Table.QuotedName} has no column \"{policy.TimeColumn}\"." : $"The column {facts.Time.QuotedName} of {facts.Table.QuotedName} is of type {facts.Time.Type}, which tells no age.",
                "Name a column of type timestamptz, timestamp or date in \"retention\".");
        }

        if (policy.Anonymise.Keys.FirstOrDefault(name => facts.Table.Columns.All(column => column.Name != name)) is { } column)
        {
            throw new MaintenanceException(MaintenanceErrorCode.MappingInvalid, $"{facts.Table.QuotedName} has no column \"{column}\" to anonymise.", "Correct \"anonymise\" in \"retention\".");
        }
    }
}
