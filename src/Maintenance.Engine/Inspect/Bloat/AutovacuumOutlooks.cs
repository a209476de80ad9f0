using Maintenance.Engine.Database;

namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>When autovacuum comes to a table, and how far it is from that. Pure.</summary>
internal static class AutovacuumOutlooks
{
    /// <param name="table">The table or TOAST table, with its counters.</param>
    /// <param name="server">The server's settings.</param>
    /// <param name="owner">Of a TOAST table the table it belongs to: its settings hold where the TOAST table has none at all.</param>
    public static AutovacuumOutlook Of(RelationFacts table, AutovacuumThresholds server, RelationFacts? owner = null)
    {
        var isToast = table.Kind == DbRelationKind.Toast;
        var thresholds = server.With(isToast && owner is not null && !table.Options.Keys.Any(name => name.StartsWith("autovacuum_", StringComparison.Ordinal))
            ? owner.Options
            : table.Options);
        var counters = table.Counters ?? new CounterFacts();
        return new AutovacuumOutlook
        {
            Enabled = thresholds.Enabled,
            VacuumThreshold = thresholds.Vacuum(table.CatalogueTuples),
            DeadTuples = counters.Dead,
            InsertThreshold = thresholds.Insert(table.CatalogueTuples, table.CataloguePages, table.AllFrozenPages),
            InsertedTuples = counters.InsertedSinceVacuum,
            AnalyzeThreshold = isToast ? null : thresholds.Analyze(table.CatalogueTuples),
            ModifiedTuples = counters.ModifiedSinceAnalyze,
        };
    }
}
