using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Compares how a system performs now with what was usual, figure by figure, and says what is more than chance.</summary>
/// <remarks>
/// <para>Use it after a release, or where people say that it has become slow. Each figure of the last 24 hours, of the whole, of an operation or a statement,
/// is measured anew and compared with the newest baseline of the history that ends before them, with an earlier one (-Before), or with baselines from the pipeline.
/// A baseline that contains the time that is compared cannot tell that nothing has changed: without an earlier one the verdict is NotEnoughData where no change is found.</para>
/// <para>Sampled figures are compared with the same hours of weekdays or weekends in the baseline, so that a rhythm that comes back every day is no change; BaselineMean is
/// then what was usual at these hours. The response times of the log of requests are compared in the same way, by hours. Error rates need to be counted: Fisher's exact test of the requests that failed.
/// Statements and all others are compared by Welch's test of the means; of statements the samples count, not the executions. Of many comparisons some differ by chance, so the probabilities are corrected after Holm: with all of them together, the
/// chance of even one false alarm stays below 5 %. A difference counts if AdjustedProbability is below 0.05 and the change is 10 % at least (-MinimumChangePercent), and noticeable:
/// 1 ms, half a percentage point, and for statements 1.3 times, as with Get-DbSlowQuery.
/// Verdict is then Slower or Faster, or Higher or Lower for what is no duration; else Same. Without a deviation or a number of observations, as with what functions
/// tell, only the ratio is known: NotEnoughData, and the status is Unknown.</para>
/// <para>Status is Warning where something has become worse: slower, more errors, more blocked sessions, fewer blocks found in cache. More load alone is not.</para>
/// <para>Privileges: those of <see cref="UpdatePerformanceBaselineCommand"/> to read. It changes nothing but the history, which keeps the statements'
/// counters.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">300</default>
/// <example>
/// <code>Compare-PerformanceBaseline</code>
/// <para>Compares the last 24 hours of the connected target with the newest baseline from before them.</para>
/// </example>
/// <example>
/// <code>Compare-PerformanceBaseline -Window 1h | Where-Object Status -eq Warning | Sort-Object ChangePercent -Descending</code>
/// <para>Lists what was worse in the last hour, the largest change first.</para>
/// </example>
/// <example>
/// <code>Compare-PerformanceBaseline -Before 30d -Source Samples -Window 7d</code>
/// <para>Compares the samples of the last week with the newest baseline that is a month old at least.</para>
/// </example>
/// <example>
/// <code>$before = Update-PerformanceBaseline -Window 7d
/// $before | Compare-PerformanceBaseline -Window 1h</code>
/// <para>Measures a week before a release, and compares an hour after it with that: wait an hour in between.</para>
/// </example>
/// <seealso cref="UpdatePerformanceBaselineCommand"/>
[Cmdlet(VerbsData.Compare, "PerformanceBaseline", DefaultParameterSetName = TargetSet)]
[OutputType(typeof(BaselineDrift))]
public sealed class ComparePerformanceBaselineCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string BaselineSet = "Baseline";

    private readonly List<PerformanceBaseline> _piped = [];

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last, or with baselines those that they are of.</summary>
    [Parameter(ParameterSetName = TargetSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = BaselineSet)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Baselines to compare with, from Update-PerformanceBaseline. Default: of each source the newest of the history that ends before the compared time; where none does, the newest.</summary>
    [Parameter(ParameterSetName = BaselineSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [Kept]
    public PerformanceBaseline[] Baseline { get; set; } = [];

    /// <summary>Compares with the newest baseline that was measured at or before this time, or so long ago: a date, 30d or a TimeSpan. Default: any.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset? Before { get; set; }

    /// <summary>The time up to now that is compared: 1h, 24h, 7d or a TimeSpan. Default: 24h.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Only figures from these sources. Default: all that are in the baseline.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public BaselineSource[] Source { get; set; } = [];

    /// <summary>A smaller change of the mean, in percent, does not matter, however certain it is. Default: 10.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public double MinimumChangePercent { get; set; } = 10;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Baseline.Length > 0)
        {
            _piped.AddRange(Baseline);
            return;
        }

        foreach (var argument in Session.OrCurrent(Target))
        {
            await CompareAsync(argument, [], cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        // A comparison is corrected for all of its figures, so they have to be there together.
        foreach (var baselines in _piped.GroupBy(baseline => baseline.Target, StringComparer.OrdinalIgnoreCase))
        {
            var argument = (Target ?? []).FirstOrDefault(target => target.Name.Equals(baselines.Key, StringComparison.OrdinalIgnoreCase)) ?? new TargetArgument(baselines.Key);
            await CompareAsync(argument, [.. baselines], cancellationToken);
        }
    }

    private async Task CompareAsync(TargetArgument argument, IReadOnlyList<PerformanceBaseline> baselines, CancellationToken cancellationToken)
    {
        try
        {
            var query = new BaselineComparisonQuery { Baselines = baselines, Before = Before, Window = Window, Sources = Source, MinimumChangePercent = MinimumChangePercent };
            foreach (var drift in await Engine.PerformanceBaselines.CompareAsync(argument.Resolve(Session), query, Call, cancellationToken))
            {
                await WriteObjectAsync(drift);
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, argument.Name);
        }
    }
}
