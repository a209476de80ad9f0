using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>Samples the size of each table, every hour: looking at each file costs more than a figure of every five minutes may.</summary>
internal sealed class TableSampler : ISampler
{
    public const string PartName = "Tables";

    /// <summary>So many of the largest tables are sampled: what is smaller than all of these explains no growth.</summary>
    public const int Most = 1000;

    public string Kind => SampleKinds.Tables;

    public TimeSpan Spacing => TimeSpan.FromHours(1);

    public async Task<Sample?> TakeAsync(SampleContext context, CancellationToken cancellationToken)
    {
        var part = context.Part(PartName);
        var sizes = new Dictionary<string, SampleValue>(StringComparer.Ordinal);
        var held = 0L;
        var batch = new FigureBatch(context.Session);
        batch.Add(
            part,
            SqlText.ReadMarked("Performance/Samples/Sql/Tables.sql"),
            row =>
            {
                // Null for a table that was dropped this moment.
                if (!row.IsDBNull(1))
                {
                    sizes[row.GetString(0)] = SampleValue.Of(row.GetDouble(1));
                }

                held = row.GetInt64(2);
            },
            Most);
        await batch.RunAsync(cancellationToken);
        if (part.Problem is not null)
        {
            return null;
        }

        part.Note = Say.Text($"{Say.Count(sizes.Count, "table", "tables")} measured.{(held > 0 ? $" {held} held exclusively by somebody were left out." : "")}");
        var from = context.Since(Kind);
        return new Sample(context.Session.Target.Name, Kind, SampleResolution.Raw, from, context.Now - from, MetricSample.Write(sizes));
    }

    public string Merge(IReadOnlyList<Sample> samples) => MetricSample.Merge(samples);
}
