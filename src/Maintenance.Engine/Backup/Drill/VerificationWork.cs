using Maintenance.Engine.Health;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>A daily verification while it runs.</summary>
/// <param name="backups">What lists backups.</param>
/// <param name="test">What tests one.</param>
/// <param name="context">The run.</param>
/// <param name="most">How many backups are looked at; the newest, where there are more.</param>
internal sealed class VerificationWork(BackupService backups, TestBackupAsync test, TaskContext context, int most)
{
    public const string Recency = "Recency";

    public const string Contents = "Contents";

    public const string Checksums = "Checksums";

    public const string Wal = "Write-ahead log";

    /// <summary>
    /// A folder has no tag that tells whether a file's bytes are still those that passed; a container's service checks them itself. So the
    /// newest in a folder are read again each day, and a run that is repeated soon after does not do it twice.
    /// </summary>
    private static readonly TimeSpan FolderReverifyAfter = TimeSpan.FromHours(20);

    private readonly BackupTester _tester = new(test, context.Time);
    private readonly List<BackupRecency> _recencies = [];
    private readonly List<BackupVerification> _tests = [];
    private readonly List<Finding> _findings = [];

    public IReadOnlyList<Finding> Findings => [.. _findings, .. VerificationFindings.Of(_tests, context.Target, context.Time.GetUtcNow())];

    /// <summary>A step for each database.</summary>
    public async Task RecencyAsync(CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetUtcNow();
        var recencies = await backups.TestRecencyAsync(context.Target, null, Share(3), cancellationToken);
        foreach (var recency in recencies)
        {
            var kind = recencies.Count(other => other.Database == recency.Database) > 1 ? $" ({recency.Kind})" : "";
            Take(recency, $"{Recency}{(recency.Database is { } database ? $" of {RunLog.OneLine(database)}" : "")}{kind}", startedAt);
        }
    }

    /// <summary>A step for the archive of write-ahead log.</summary>
    public async Task WalAsync(BackupVerificationTask.TestWalAsync wal, CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetUtcNow();
        context.Call.Sink.Progress(new ProgressUpdate($"BackupVerification on {context.Target.Name}", Wal));
        Take(await wal(context.Target, null, Share(3), cancellationToken), Wal, startedAt);
    }

    /// <summary>A step for all tables of contents, and one for all checksums.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetUtcNow();
        List<DatabaseBackup> newestFirst;
        List<DatabaseBackup> newest;
        long beyond;
        try
        {
            (newestFirst, newest, beyond) = await ListAsync(cancellationToken);
        }
        catch (MaintenanceException problem)
        {
            foreach (var name in new[] { Contents, Checksums })
            {
                Report(name, StepState.Failed, HealthStatus.Unknown, $"The backups could not be listed. {problem.Message}", startedAt, problem);
            }

            return;
        }

        // The newest first: what an old one that is damaged means depends on them. Of these as many as fit the time: one giant must not
        // keep all others from being read.
        await PassAsync(Checksums, BackupLevel.Checksum, [.. newest.OrderBy(backup => backup.SizeBytes)], share: 0.75, beyond: 0, cancellationToken);
        var whole = newest.Select(backup => backup.Name).ToHashSet(StringComparer.Ordinal);
        await PassAsync(Contents, BackupLevel.Toc, [.. newestFirst.Where(backup => !whole.Contains(backup.Name))], share: 1, beyond, cancellationToken);
    }

    public IReadOnlyList<Metric> Metrics()
    {
        var now = context.Time.GetUtcNow();
        var factory = new MetricFactory(context.Target, now);
        Metric Count(string name, double value, HealthStatus trouble) => factory.Create(name, value, unit: MetricUnit.Count) with { Status = value > 0 ? trouble : HealthStatus.Ok };
        return
        [
            .. _recencies.Select(recency => BackupProbe.ToMetric(recency, context.Target, now)),
            Count("backups_verified", _tests.Count(one => one.Verdict == BackupVerdict.Verified), HealthStatus.Ok),
            Count("backups_failed", _tests.Count(one => one.Verdict == BackupVerdict.Failed), HealthStatus.Critical),
            Count("backups_undetermined", _tests.Count(one => one.Verdict == BackupVerdict.CannotDetermine), HealthStatus.Unknown),
            factory.Create("backups_read_bytes", _tests.Sum(one => one.BytesRead), unit: MetricUnit.Bytes),
        ];
    }

    private void Take(BackupRecency recency, string step, DateTimeOffset startedAt)
    {
        // Archived log is no backup of a database: its age is no backup's age.
        if (step != Wal)
        {
            _recencies.Add(recency);
        }

        if (recency.State != BackupRecencyState.Fresh)
        {
            _findings.Add(BackupProbe.ToFinding(recency, context.Target, context.Time.GetUtcNow()));
        }

        context.Report(new MaintenanceStep
        {
            Name = step,
            State = recency.State == BackupRecencyState.CannotDetermine ? StepState.Failed : StepState.Done,
            Status = recency.Status,
            Message = RunLog.OneLine(recency.Message),
            Error = recency.Error,
            Recommendation = recency.Recommendation,
            StartedAt = startedAt,
            Duration = context.Time.GetUtcNow() - startedAt,
        });
    }

    private async Task<(List<DatabaseBackup> NewestFirst, List<DatabaseBackup> NewestOfEach, long Beyond)> ListAsync(CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        var candidates = new DrillCandidates(context.Target.Backups, now);
        var newest = new PriorityQueue<DatabaseBackup, (DateTimeOffset, DateTimeOffset)>();
        var beyond = 0L;
        await foreach (var backup in backups.ListAsync(context.Target, new BackupQuery(), Share(2), cancellationToken).WithCancellation(cancellationToken))
        {
            candidates.Add(backup);
            newest.Enqueue(backup, (backup.TakenAt, backup.LastModified));
            if (newest.Count > most)
            {
                newest.Dequeue();
                beyond++;
            }
        }

        return (
            [.. newest.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element)],
            [.. candidates.Result().Where(item => item.Backups.Count > 0).Select(item => item.Backups[0])],
            beyond);
    }

    private async Task PassAsync(string step, BackupLevel level, IReadOnlyList<DatabaseBackup> list, double share, long beyond, CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetUtcNow();
        var until = context.Deadline.Remaining is { } left ? startedAt + (left * share) : DateTimeOffset.MaxValue;
        // What lies in the archive cannot be read for hours; the newest is tried all the same, so that it is told.
        var readable = list.Where(backup => level == BackupLevel.Checksum || backup.Tier != "Archive").ToList();
        var tests = new List<BackupVerification>();
        foreach (var backup in readable)
        {
            if (context.Time.GetUtcNow() is var now && now >= until)
            {
                break;
            }

            context.Call.Sink.Progress(new ProgressUpdate($"BackupVerification on {context.Target.Name}", $"{step}: {backup.Name}", 100 * tests.Count / readable.Count));
            var time = until == DateTimeOffset.MaxValue ? (TimeSpan?)null : until - now;
            var options = new BackupTestOptions { Level = level };
            if (level == BackupLevel.Checksum && context.Target.BackupStore is { IsFolder: true })
            {
                options = options with { ReverifyAfter = FolderReverifyAfter };
            }

            tests.Add(await _tester.TestAsync(backup, context.Target, options, context.Call with { Timeout = time }, cancellationToken));
        }

        _tests.AddRange(tests);
        var (status, message) = VerificationFindings.Describe(level, tests, _tests, readable.Count - tests.Count, list.Count - readable.Count, beyond);
        Report(step, readable.Count > tests.Count ? StepState.Deferred : StepState.Done, status, message, startedAt);
    }

    private void Report(string name, StepState state, HealthStatus status, string message, DateTimeOffset startedAt, MaintenanceException? problem = null) => context.Report(new MaintenanceStep
    {
        Name = name,
        State = state,
        Status = status,
        Message = RunLog.OneLine(message),
        Error = problem?.Code,
        Recommendation = problem?.Recommendation,
        StartedAt = startedAt,
        Duration = context.Time.GetUtcNow() - startedAt,
    });

    private CallContext Share(int parts) => context.Call with { Timeout = context.Deadline.Remaining / parts };
}
