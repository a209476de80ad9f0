using System.Globalization;

namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>When autovacuum comes to a table: relation_needs_vacanalyze in the server's autovacuum.c. Pure.</summary>
internal static class AutovacuumThresholds
{
    /// <param name="table">The table or TOAST table, with its counters.</param>
    /// <param name="server">The server's settings.</param>
    /// <param name="owner">Of a TOAST table the table it belongs to: its settings hold where the TOAST table has none at all.</param>
    public static AutovacuumOutlook Of(RelationFacts table, AutovacuumSettings server, RelationFacts? owner = null)
    {
        var options = table.Kind == DbRelationKind.Toast && owner is not null && !table.Options.Keys.Any(name => name.StartsWith("autovacuum_", StringComparison.Ordinal))
            ? owner.Options
            : table.Options;
        var settings = new AutovacuumSettings(
            server.Enabled && !IsOff(options, "autovacuum_enabled"),
            Value(options, "autovacuum_vacuum_threshold", server.VacuumThreshold),
            Value(options, "autovacuum_vacuum_scale_factor", server.VacuumScale),
            Value(options, "autovacuum_vacuum_max_threshold", server.VacuumMaximum),
            Value(options, "autovacuum_vacuum_insert_threshold", server.InsertThreshold),
            Value(options, "autovacuum_vacuum_insert_scale_factor", server.InsertScale),
            Value(options, "autovacuum_analyze_threshold", server.AnalyzeThreshold),
            Value(options, "autovacuum_analyze_scale_factor", server.AnalyzeScale));

        var rows = Math.Max(0, table.CatalogueTuples);
        var dead = settings.VacuumThreshold + (settings.VacuumScale * rows);
        // Since PostgreSQL 18 frozen pages do not raise the insert threshold; before, none is told to be frozen.
        var unfrozen = table.CataloguePages > 0 ? 1 - (Math.Min(table.AllFrozenPages, table.CataloguePages) / (double)table.CataloguePages) : 1;
        var counters = table.Counters ?? new CounterFacts();
        return new AutovacuumOutlook
        {
            Enabled = settings.Enabled,
            VacuumThreshold = settings.VacuumMaximum >= 0 ? Math.Min(dead, settings.VacuumMaximum) : dead,
            DeadTuples = counters.Dead,
            InsertThreshold = settings.InsertThreshold >= 0 ? settings.InsertThreshold + (settings.InsertScale * rows * unfrozen) : null,
            InsertedTuples = counters.InsertedSinceVacuum,
            AnalyzeThreshold = table.Kind == DbRelationKind.Toast ? null : settings.AnalyzeThreshold + (settings.AnalyzeScale * rows),
            ModifiedTuples = counters.ModifiedSinceAnalyze,
        };
    }

    private static double Value(IReadOnlyDictionary<string, string> options, string name, double server) =>
        options.TryGetValue(name, out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : server;

    // The server takes any unambiguous beginning of a word for a Boolean.
    private static bool IsOff(IReadOnlyDictionary<string, string> options, string name) =>
        options.TryGetValue(name, out var text) && text.Length > 0 && (text == "0" || text[0] is 'f' or 'F' or 'n' or 'N' || text.StartsWith("of", StringComparison.OrdinalIgnoreCase));
}
