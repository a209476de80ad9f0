using Maintenance.Engine.Programs;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Security.Scan.Dependencies;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Scans of source code by programs that others keep up to date.</summary>
public sealed class ScanService
{
    /// <summary>How long each scanner may take, unless the call says how long all of it may.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    private readonly IReadOnlyList<Scanner> _scanners;
    private readonly ScannerRunner _runner;
    private readonly TimeProvider _time;

    internal ScanService(TimeProvider time, IReadOnlyList<Scanner>? scanners = null, Func<string, string?>? find = null) =>
        (_time, _scanners, _runner) = (time, scanners ?? ScannerCatalogue.All, new ScannerRunner(find ?? SearchPath.FindCommand));

    /// <summary>The names of the scanners of a kind, in the order in which they run.</summary>
    /// <param name="kind">The kind.</param>
    public IReadOnlyList<string> NamesOf(ScanKind kind) => [.. _scanners.Where(scanner => scanner.Kind == kind).Select(scanner => scanner.Name)];

    /// <summary>Scans a folder or file, one scanner after the other, or reads what a scanner wrote. Default timeout 10 minutes for each scanner.</summary>
    /// <param name="query">What to scan.</param>
    /// <param name="call">Where to tell what happens; its timeout is for all of it.</param>
    /// <param name="cancellationToken">Kills the scanner that runs.</param>
    /// <returns>
    /// For each scanner and place what it found, or one finding with outcome Pass if it ran to its end and found nothing, or one with outcome Unknown if nothing
    /// can be concluded: a scanner that is missing or failed has found nothing out.
    /// </returns>
    /// <exception cref="MaintenanceException">FileUnavailable; InvalidArgument for a scanner that there is not.</exception>
    public async Task<IReadOnlyList<Finding>> ScanAsync(ScanQuery query, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(call);
        var scanners = Chosen(query);
        var root = Path.GetFullPath(query.Path);
        var name = ScanText.Clean(query.Name ?? (Path.GetFileName(Path.TrimEndingDirectorySeparator(root)) is { Length: > 0 } own ? own : root));
        if (!Path.Exists(root))
        {
            throw Unavailable(root);
        }

        var findings = query.ResultPath is { } result
            ? ReadFile(scanners, query, Path.GetFullPath(result), root, name)
            : await RunAsync(scanners, query, root, name, call, cancellationToken);
        var shown = findings.Where(finding => finding.Outcome != FindingOutcome.Fail || finding.Severity >= query.MinimumSeverity).ToList();
        if (shown.Count < findings.Count)
        {
            call.Sink.Verbose($"{findings.Count - shown.Count} findings matter less than {query.MinimumSeverity} and are left out.");
        }

        return shown;
    }

    private List<Scanner> Chosen(ScanQuery query)
    {
        var names = NamesOf(query.Kind);
        if (query.Scanners?.FirstOrDefault(wanted => !names.Contains(wanted, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"There is no scanner '{ScanText.Clean(unknown)}' here.", names.Count > 0 ? $"Name one or more of {string.Join(", ", names)}." : "Leave the scanner out.");
        }

        return [.. _scanners.Where(scanner => scanner.Kind == query.Kind && (query.Scanners?.Contains(scanner.Name, StringComparer.OrdinalIgnoreCase) ?? true)).Select(scanner => scanner.For(query))];
    }

    private List<Finding> ReadFile(List<Scanner> scanners, ScanQuery query, string file, string root, string name)
    {
        var now = _time.GetUtcNow();
        try
        {
            var beginning = ScanResultFile.Beginning(file);
            // One that is named is believed, even of a file that it does not know: then it says what is wrong with it.
            if ((query.Scanners is not null && scanners is [var named] ? named : scanners.FirstOrDefault(scanner => scanner.Recognises(beginning))) is not { } writer)
            {
                return
                [
                    ScanFindings.Unknown(
                        query.Kind, name, $"none of {string.Join(", ", scanners.Select(scanner => scanner.Name))} wrote {Path.GetFileName(file)}", "Give a file that one of them wrote in its machine-readable form, or name the scanner.", now),
                ];
            }

            var reading = ScanResultFile.Read(writer, file, null, root);
            return [.. ScanFindings.Of(writer, name, reading with { Evidence = reading.Evidence.Append(new("WrittenAt", new DateTimeOffset(File.GetLastWriteTimeUtc(file)))).ToDictionary() }, now)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(file, exception);
        }
    }

    private async Task<List<Finding>> RunAsync(List<Scanner> scanners, ScanQuery query, string root, string name, CallContext call, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var budget = new ScanBudget(call.Timeout, TimeSpan.Zero, _time);
        var steps = ScanPlan.Of(scanners, root, name, query.Scanners is not null, _runner.CanRun);
        var missing = ScanPlan.Missing(scanners, root, query.Scanners is not null, _runner.CanRun);
        var activity = $"Scanning {name}";
        try
        {
            foreach (var (index, step) in steps.Index())
            {
                call.Sink.Progress(new ProgressUpdate(activity, $"{step.Scanner.Name}: {step.Name}", 100 * index / steps.Count));
                var reading = step.Path is { } path ? await RunAsync(step.Scanner, path, budget.Next(steps.Count - index), cancellationToken) : ScanReading.Failed($"there is nothing for it, which reads {step.Scanner.LooksFor}", "Name the folder that holds it, or another scanner.");
                call.Sink.Verbose($"{step.Scanner.Name} {reading.Version} on {step.Name}: {(reading.Problem is { } problem ? ScanText.Clean(problem) : $"{reading.Flaws.Count} found")}.");
                findings.AddRange(ScanFindings.Of(step.Scanner, step.Name, step.Scanner is OwnScanner && missing.Count > 0 ? Without(reading, missing) : reading, _time.GetUtcNow()));
            }
        }
        finally
        {
            call.Sink.Progress(new ProgressUpdate(activity, "Done", Completed: true));
        }

        if (query is { Kind: ScanKind.Dependencies, Scanners: null })
        {
            findings.AddRange(UncoveredDependencies.In(root, name, _time.GetUtcNow()));
        }

        if (findings.Count == 0)
        {
            findings.Add(ScanFindings.Unknown(
                query.Kind, name, $"nothing in it is for a scanner; looked for {string.Join(", ", scanners.Select(scanner => scanner.LooksFor).Distinct())}", "Name the folder that holds the sources. A project without a lock file needs one.", _time.GetUtcNow()));
        }

        return findings;
    }

    private async Task<ScanReading> RunAsync(Scanner scanner, string path, TimeSpan? share, CancellationToken cancellationToken)
    {
        const string Advice = "Give it more time with -TimeoutSeconds, or scan fewer files.";
        if (share <= TimeSpan.Zero)
        {
            return ScanReading.Failed("there was no time left for it", Advice);
        }

        string? version = null;
        using var deadline = new Deadline(share ?? DefaultTimeout, _time, cancellationToken);
        try
        {
            return await deadline.RunAsync($"Scanning with {scanner.Name}", token => _runner.RunAsync(scanner, path, told => version = told, token));
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.DeadlineExceeded)
        {
            return ScanReading.Failed("it did not end in the time there was, and was ended", Advice) with { Version = version };
        }
    }

    // Those that are not installed and that nobody named are told where ours found nothing: less was looked at than could have been.
    private static ScanReading Without(ScanReading reading, IReadOnlyList<string> missing) => reading with
    {
        Note = $"{(reading.Note is { } note ? $"{note}; " : "")}{string.Join(" and ", missing)} did not look, not being installed",
    };

    private static MaintenanceException Unavailable(string path, Exception? cause = null) => new(
        MaintenanceErrorCode.FileUnavailable, $"'{path}' cannot be read{(cause is null ? ": there is no such file or folder" : $": {cause.Message.TrimEnd('.')}")}.", "Check the path and the rights to it.");
}
