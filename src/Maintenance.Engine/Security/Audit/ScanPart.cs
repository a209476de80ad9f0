using Maintenance.Engine.Security.Scan;

namespace Maintenance.Engine.Security.Audit;

/// <summary>What scanners of one kind say of the configured folders of source code, in the security audit.</summary>
/// <param name="scans">Runs them.</param>
/// <param name="kind">What they look for.</param>
/// <param name="time">The clock.</param>
internal abstract class ScanPart(ScanService scans, ScanKind kind, TimeProvider time) : IAuditPart
{
    /// <summary>Kept at the end, so that what was found is told in time: whoever waits for the part drops it whole when its time is up.</summary>
    private static readonly TimeSpan MostReserve = TimeSpan.FromSeconds(5);

    public abstract AuditPart Part { get; }

    public string? NotConfigured(MaintenanceTarget target) =>
        target.Security.Sources.Count == 0 ? "No folder of source code is configured: name some under security.sources." : null;

    public async Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var sources = target.Security.Sources;
        var budget = new ScanBudget(call.Timeout, call.Timeout / 10 is { } tenth && tenth < MostReserve ? tenth : MostReserve, time);
        foreach (var (index, source) in sources.Index())
        {
            // Each source has a share of the time, and in it each scanner: one that hangs in one of them says nothing of the others.
            var share = call with { Timeout = budget.Next(sources.Count - index) };
            findings.AddRange((await ScanAsync(source, share, cancellationToken)).Select(finding => finding with { Target = target.Name }));
        }

        return findings;
    }

    private async Task<IReadOnlyList<Finding>> ScanAsync(SourceFolder source, CallContext call, CancellationToken cancellationToken)
    {
        var name = ScanText.Clean(source.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Path)));
        // The folder's scanners are named for all parts together.
        var named = source.Scanners?.Intersect(scans.NamesOf(kind), StringComparer.OrdinalIgnoreCase).ToList();
        if (named is { Count: 0 })
        {
            return [Unknown($"its scanners are named, and none of {string.Join(", ", scans.NamesOf(kind))} is among them", "Add one to its scanners in security.sources, or leave them out.")];
        }

        try
        {
            return await scans.ScanAsync(new ScanQuery { Kind = kind, Path = source.Path, Name = name, Scanners = named }, call, cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.FileUnavailable)
        {
            return [Unknown(exception.Message, "Name the right folder in security.sources, or bring the sources there before the audit.")];
        }

        Finding Unknown(string problem, string recommendation) => ScanFindings.Unknown(kind, name, problem, recommendation, time.GetUtcNow());
    }
}
