using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Gets the figures that were sampled over time: sizes, connections, transactions, query and response times, tables, keys.</summary>
/// <remarks>
/// <para>
/// Invoke-MaintenanceTask PerformanceMetrics takes a sample every five minutes; this reads them. Use it to look at a series, or to
/// export it to a tool of your own. A figure that could not be measured has no object at that time: never a zero in its place.
/// </para>
/// <para>
/// A young object is one measurement. With time those of an hour become one, then those of a day (settings performance.keepRawSamples, keepHourlySamples, keepDailySamples):
/// Count says how many, and Mean, Minimum, Maximum and StandardDeviation are those of the single measurements. A rate counts from From to To: where nobody measured
/// for a week, From says so.
/// </para>
/// <para>Privileges: to read the history (Get-MaintenanceHistory). It changes nothing.</para>
/// </remarks>
/// <example>
/// <code>Get-PerformanceSample connections, transactions_per_second</code>
/// <para>Shows connections and transactions of the last 24 hours.</para>
/// </example>
/// <example>
/// <code>Get-PerformanceSample database_size_bytes -Since 90d | Select-Object To, Mean | Export-Csv size.csv</code>
/// <para>Exports how the database grew in three months.</para>
/// </example>
/// <example>
/// <code>Get-PerformanceSample public.* -Since 7d | Where-Object Unit -eq Bytes</code>
/// <para>Shows the sizes of the tables in the schema public, hour by hour.</para>
/// </example>
/// <example>
/// <code>Get-PerformanceSample avg_query_time -Since 2026-01-01 -Until 2026-02-01 -Target production</code>
/// <para>Shows the query times of January of one target.</para>
/// </example>
/// <seealso cref="InvokeMaintenanceTaskCommand"/>
/// <seealso cref="GetPerformanceMetricCommand"/>
[Cmdlet(VerbsCommon.Get, "PerformanceSample")]
[OutputType(typeof(PerformanceSample))]
public sealed class GetPerformanceSampleCommand : TargetCmdlet
{
    /// <summary>
    /// Names of figures; wildcards allowed. Tables, sequences and keys are called by their schema, as in public.orders.
    /// Default: all figures but those of tables, sequences and keys.
    /// </summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(SampledFigureCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Metric { get; set; } = [];

    /// <summary>Only what began at this time or later. A time without a zone is local; a TimeSpan, or 7d or 12h, means so long ago. Default: 24 hours ago.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset? Since { get; set; }

    /// <summary>Only what began before this time. A time without a zone is local; a TimeSpan, or 7d or 12h, means so long ago. Default: now.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset? Until { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var until = Until ?? TimeProvider.System.GetUtcNow();
        // Names of figures have no dot, those of tables have one.
        Func<string, bool> matches = Metric.Length == 0 ? name => !name.Contains('.', StringComparison.Ordinal) : Wildcards.Matcher(Metric);
        foreach (var sample in await Engine.Samples.ReadAsync(target, matches, Since ?? until - TimeSpan.FromDays(1), until, Call, cancellationToken))
        {
            found.Add(sample.Metric);
            await WriteObjectAsync(sample);
        }

        // A table without samples may have some tomorrow; a figure that nobody takes never has.
        foreach (var name in Metric.Where(name => Wildcards.IsPlain(name) && !name.Contains('.', StringComparison.Ordinal) && !found.Contains(name)
            && !SampleService.Figures.Any(figure => figure.Name.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            await WriteErrorAsync(
                new MaintenanceException(
                    MaintenanceErrorCode.InvalidArgument,
                    $"No figure is called '{name}'.",
                    $"There are: {string.Join(", ", SampleService.Figures.Select(figure => figure.Name).Order(StringComparer.Ordinal))}. Tables, sequences and keys are called by their schema, as in public.orders."),
                name);
        }
    }
}
