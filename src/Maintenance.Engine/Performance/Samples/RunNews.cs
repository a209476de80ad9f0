namespace Maintenance.Engine.Performance.Samples;

/// <summary>
/// Which of the runs of a task that runs every five minutes are told and recorded: 105,000 a year would bury those of all other tasks.
/// What got worse at once, what else changed after an hour, and one a day in any case, so that whoever looks sees that it runs. Pure.
/// </summary>
internal static class RunNews
{
    /// <summary>Changes that are none for the worse are told at most this often.</summary>
    public static readonly TimeSpan AtMostEvery = TimeSpan.FromHours(1);

    private static readonly TimeSpan AtLeastEvery = TimeSpan.FromDays(1);

    // Looked at hourly: in between they are as they were.
    private static readonly string[] Occasional = [TableSampler.PartName, KeySampler.PartName, RequestSampler.BandwidthPart, SampleService.ThinPart];

    /// <summary>The run as it is remembered, if it is news; null if it is none.</summary>
    public static ToldRun? Of(ToldRun? before, IReadOnlyList<MaintenanceStep> steps, DateTimeOffset now)
    {
        var known = Occasional.Where(name => steps.All(step => step.Name != name)).ToList();
        var issues = steps.Where(step => step.Status != HealthStatus.Ok).Select(step => $"{step.Status} {step.Name}")
            .Concat(before?.Issues.Where(issue => known.Exists(name => issue.EndsWith($" {name}", StringComparison.Ordinal))) ?? [])
            .Order(StringComparer.Ordinal)
            .ToArray();
        var status = steps.Count == 0 ? HealthStatus.Unknown : issues.Select(issue => Enum.Parse<HealthStatus>(issue.Split(' ')[0])).DefaultIfEmpty(HealthStatus.Ok).Max();
        var run = new ToldRun(now, status, issues);
        if (before is null || now < before.At || now - before.At >= AtLeastEvery || status > before.Status)
        {
            return run;
        }

        return now - before.At >= AtMostEvery && !issues.SequenceEqual(before.Issues) ? run : null;
    }
}
