using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>Samples how far sequences, and integer keys without one, have come, every hour.</summary>
internal sealed class KeySampler : ISampler
{
    public const string PartName = "Keys";

    /// <summary>So many sequences, and so many keys without one, are sampled.</summary>
    public const int Most = 1000;

    public string Kind => SampleKinds.Keys;

    public TimeSpan Spacing => TimeSpan.FromHours(1);

    public async Task<Sample?> TakeAsync(SampleContext context, CancellationToken cancellationToken)
    {
        var part = context.Part(PartName);
        var values = new Dictionary<string, SampleValue>(StringComparer.Ordinal);
        var statements = new List<(string Name, string Sql)>();
        var hidden = 0;
        var batch = new FigureBatch(context.Session);
        batch.Add(
            part,
            SqlText.ReadMarked("Performance/Samples/Sql/Sequences.sql"),
            row =>
            {
                hidden += row.GetBoolean(2) ? 1 : 0;
                if (!row.IsDBNull(1))
                {
                    values[row.GetString(0)] = SampleValue.Of(row.GetDouble(1));
                }
            },
            Most);
        batch.Add(part, SqlText.ReadMarked("Performance/Samples/Sql/Keys.sql"), row => statements.Add((row.GetString(0), row.GetString(1))), Most);
        await batch.RunAsync(cancellationToken);

        // Each is one look at the right end of an index.
        var keys = new FigureBatch(context.Session);
        foreach (var (name, sql) in statements.DistinctBy(statement => statement.Name))
        {
            keys.Add(part, SqlText.Marked(sql), row =>
            {
                if (!row.IsDBNull(0))
                {
                    values[name] = SampleValue.Of(row.GetDouble(0));
                }
            });
        }

        await keys.RunAsync(cancellationToken);
        if (values.Count == 0 && part.Problem is not null)
        {
            return null;
        }

        if (hidden > 0)
        {
            part.Miss(MaintenanceErrorCode.PermissionDenied, Say.Text($"{Say.Count(hidden, "sequence", "sequences")} may not be read by this role: how far they have come is unknown."), "Run as an administrator, for each schema: GRANT SELECT ON ALL SEQUENCES IN SCHEMA ... TO the role.");
        }

        part.Note = $"{Say.Count(values.Count, "sequence or key", "sequences and keys")} measured.";
        var from = context.Since(Kind);
        return new Sample(context.Session.Target.Name, Kind, SampleResolution.Raw, from, context.Now - from, MetricSample.Write(values));
    }

    public string Merge(IReadOnlyList<Sample> samples) => MetricSample.Merge(samples);
}
