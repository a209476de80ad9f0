using Maintenance.Engine.Programs;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Scans of source code by programs that others keep up to date.</summary>
public sealed class ScanService
{
    private readonly IReadOnlyList<Scanner> _scanners;
    private readonly ScannerRunner _runner;
    private readonly TimeProvider _time;

    internal ScanService(TimeProvider time, IReadOnlyList<Scanner>? scanners = null, Func<string, string?>? find = null) =>
        (_time, _scanners, _runner) = (time, scanners ?? ScannerCatalogue.All, new ScannerRunner(find ?? SearchPath.Find));

    /// <summary>Scans a folder or file. Default timeout 10 minutes for each scanner.</summary>
    /// <param name="query">What to scan.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Kills the scanner that runs.</param>
    /// <returns>
    /// For each scanner what it found, or one finding with outcome Pass if it ran to its end and found nothing, or one with outcome Unknown if nothing can
    /// be concluded: a scanner that is missing or failed has found nothing out.
    /// </returns>
    /// <exception cref="MaintenanceException">FileUnavailable; InvalidArgument for a scanner that there is not.</exception>
    public async Task<IReadOnlyList<Finding>> ScanAsync(ScanQuery query, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var name = query.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(query.Path));
        var findings = new List<Finding>();
        foreach (var scanner in _scanners.Where(scanner => scanner.Kind == query.Kind && (query.Scanners?.Contains(scanner.Name, StringComparer.OrdinalIgnoreCase) ?? scanner.AppliesTo(query.Path))))
        {
            var reading = await RunAsync(scanner, query.Path, call, cancellationToken);
            findings.AddRange(ScanFindings.Of(scanner, name, reading, _time.GetUtcNow()));
        }

        return [.. findings.Where(finding => finding.Outcome != FindingOutcome.Fail || finding.Severity >= query.MinimumSeverity)];
    }

    private async Task<ScanReading> RunAsync(Scanner scanner, string path, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromMinutes(10), _time, cancellationToken);
        try
        {
            return await deadline.RunAsync($"Scanning with {scanner.Name}", token => _runner.RunAsync(scanner, path, token));
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.DeadlineExceeded)
        {
            return ScanReading.Failed("it did not end in the time there was", "Give it more time with -TimeoutSeconds, or scan fewer files.");
        }
    }
}
