using System.Globalization;

namespace Maintenance.Engine.Retention;

/// <summary>Says what a restore would do, and what it came to. Pure.</summary>
internal static class RestorePlanner
{
    /// <summary>The plan of a restore that may run.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="database">The database.</param>
    /// <param name="job">What is to be restored.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="found">Rows that are there; null if not counted.</param>
    /// <param name="restoredBefore">True if everything is on record as restored.</param>
    /// <param name="now">The time.</param>
    public static RestoreResult Plan(string target, string database, RestoreJob job, RestoreOptions options, long? found, bool restoredBefore, DateTimeOffset now)
    {
        var file = job as FileRestoreJob;
        var result = new RestoreResult
        {
            Target = target,
            Database = database,
            Schema = job.Destination.Schema,
            Name = job.Destination.Name,
            Oid = job.Destination.Oid,
            Source = job.Source,
            Manifest = file?.Archive.Manifest,
            ArchiveId = file?.Archive.Id,
            From = options.From,
            To = options.To,
            State = StepState.Planned,
            Message = "",
            Notes = [.. job.Map.Notes, .. job.Notes],
            RowsFound = found,
            Columns = [.. job.Map.Columns.Select(column => column.ToString())],
            ColumnsLeftOut = job.Map.LeftOut,
            Sql = job.Sql,
            Lock = "ROW EXCLUSIVE",
            StartedAt = now,
        };
        if (restoredBefore)
        {
            return result with
            {
                State = StepState.Skipped,
                Error = MaintenanceErrorCode.AlreadyRestored,
                Message = $"What is wanted of {job.Source} was restored into {job.Destination.QuotedName} before.",
                Recommendation = "If the rows are gone since, use -Force; existing keys are refused then, or left out with -SkipExisting.",
            };
        }

        return found == 0
            ? result with { State = StepState.Skipped, Message = $"{job.Source} holds no row {Between(options)}.".Replace(" .", ".", StringComparison.Ordinal) }
            : result with
            {
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(found is { } rows ? $"{(file is not null && !job.Range.IsWhole ? "Up to " : "")}{rows:N0}" : "The")} row(s) of {job.Source} {Between(options)}are to come back into {job.Destination.QuotedName}. {(file is null ? "They leave the archive." : "The files stay.")}{Lost(job)}"),
            };
    }

    /// <summary>A restore that may not run.</summary>
    public static RestoreResult Refuse(string target, string database, string source, TableFacts? destination, DbObjectReference? wanted, RestoreOptions options, MaintenanceException reason, DateTimeOffset now) => new()
    {
        Target = target,
        Database = database,
        Schema = destination?.Schema ?? wanted?.Schema ?? "",
        Name = destination?.Name ?? wanted?.Name ?? "",
        Oid = destination?.Oid ?? 0,
        Source = source,
        From = options.From,
        To = options.To,
        State = StepState.Failed,
        Message = reason.Message,
        Error = reason.Code,
        Recommendation = reason.Recommendation,
        StartedAt = now,
    };

    /// <summary>What a restore came to.</summary>
    public static RestoreResult Finish(RestoreResult planned, RestoreTally tally, MaintenanceException? failure, bool wasCancelled, DateTimeOffset started, TimeSpan duration)
    {
        var reason = failure ?? tally.PutOff;
        var done = string.Create(
            CultureInfo.InvariantCulture,
            $"{tally.Rows:N0} row(s) of {planned.Source} came back{(tally.Skipped is > 0 ? $"; {tally.Skipped:N0} stayed in the archive, because their key is there already" : "")}.{(planned.ArchiveId is null ? "" : " The files stay in the store.")}");
        return planned with
        {
            State = wasCancelled ? StepState.Cancelled : failure is not null ? StepState.Failed : tally.PutOff is not null ? StepState.Deferred : StepState.Done,
            Error = wasCancelled ? MaintenanceErrorCode.Cancelled : reason?.Code,
            Message = wasCancelled ? $"It was stopped. {done}" : reason is null ? done : $"{reason.Message} {done}",
            Recommendation = wasCancelled ? "What came back stays. Run it again for the rest." : reason?.Recommendation,
            Notes = [.. planned.Notes, .. tally.Notes.Distinct()],
            Rows = tally.Rows,
            RowsSkipped = tally.Skipped,
            Batches = tally.Batches,
            WorstBatch = tally.WorstBatch,
            Parts = tally.Parts,
            PartsRestoredBefore = tally.PartsRestoredBefore,
            Verified = tally.Verified,
            Verification = tally.Verification,
            StartedAt = started,
            Duration = duration,
        };
    }

    /// <summary>The result as one of the actions that the history keeps.</summary>
    public static DbAction ToAction(RestoreResult result) => new()
    {
        Target = result.Target,
        Database = result.Database,
        Kind = DbActionKind.RestoreRows,
        Schema = result.Schema,
        Name = result.Name,
        Oid = result.Oid,
        Sql = string.Join(";\n", result.Sql),
        Lock = result.Lock,
        State = result.State,
        Message = result.Message,
        Error = result.Error,
        Recommendation = result.Recommendation,
        Attempts = result.State is StepState.Planned or StepState.Skipped ? 0 : 1,
        StartedAt = result.StartedAt,
        Duration = result.Duration,
        Effect = new Dictionary<string, object?>
        {
            ["Source"] = result.Source,
            ["From"] = result.From,
            ["To"] = result.To,
            ["Rows"] = result.Rows,
            ["RowsSkipped"] = result.RowsSkipped,
            ["Batches"] = result.Batches,
            ["WorstBatchMilliseconds"] = result.WorstBatch?.TotalMilliseconds,
            ["Verified"] = result.Verified,
        }.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value),
    };

    private static string Between(RestoreOptions options) => (options.From, options.To) switch
    {
        ({ } from, { } to) => $"from {Time(from)} to before {Time(to)} ",
        ({ } from, null) => $"from {Time(from)} on ",
        (null, { } to) => $"from before {Time(to)} ",
        _ => "",
    };

    // Values that are left out of an archive table are nowhere afterwards; files keep them.
    private static string Lost(RestoreJob job) =>
        job is TableRestoreJob && job.Map.LeftOut.Count > 0 ? $" Their values of {string.Join(", ", job.Map.LeftOut)} are lost." : "";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
