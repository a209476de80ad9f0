namespace Maintenance.Engine.Backup;

/// <summary>
/// Takes backups one by one, remembers the newest of each database, and says whether it is young enough. Pure: the clock and
/// the backups come from outside, from a store or from a pipeline.
/// </summary>
/// <param name="maximumAge">How old the newest backup of each database may be.</param>
/// <param name="now">The time it is judged at (UTC).</param>
internal sealed class RecencyEvaluator(TimeSpan maximumAge, DateTimeOffset now)
{
    // Null keys are not allowed, and no database has an empty name.
    private readonly Dictionary<string, Group> _groups = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes one backup into account.</summary>
    public void Add(DatabaseBackup backup)
    {
        var key = backup.Database ?? "";
        var group = _groups.GetValueOrDefault(key);
        _groups[key] = BackupTime.IsInFuture(backup.TakenAt, now)
            ? group with { Count = group.Count + 1, Future = backup }
            : group with { Count = group.Count + 1, Newest = IsNewer(backup, group.Newest) ? backup : group.Newest };
    }

    /// <summary>One record for each database, or a single one that says None.</summary>
    /// <param name="reading">What was read.</param>
    public IReadOnlyList<BackupRecency> Evaluate(StoreReading reading) => _groups.Count == 0
        ? [None(reading)]
        : [.. _groups.OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
            .Select(group => Judge(group.Key.Length > 0 ? group.Key : null, group.Value, reading))];

    /// <summary>The record for a store that could not be read.</summary>
    public static BackupRecency CannotDetermine(
        MaintenanceException error, TimeSpan maximumAge, DateTimeOffset now, StoreReading reading) => new()
        {
            State = BackupRecencyState.CannotDetermine,
            Store = reading.Store,
            Target = reading.Target,
            MaximumAge = maximumAge,
            Requests = reading.Requests,
            Message = $"Whether there is a fresh backup could not be found out. {error.Message}",
            Error = error.Code,
            Recommendation = error.Recommendation,
            CollectedAt = now,
        };

    private static bool IsNewer(DatabaseBackup backup, DatabaseBackup? other) => other is null
        || (backup.TakenAt, backup.LastModified).CompareTo((other.TakenAt, other.LastModified)) switch
        {
            0 => string.CompareOrdinal(backup.Name, other.Name) > 0,
            var order => order > 0,
        };

    private static string Text(TimeSpan time) => FormattableString.Invariant(time.TotalHours switch
    {
        < 1 => $"{Math.Floor(time.TotalMinutes)} min",
        <= 72 => $"{time.TotalHours:0.#} h",
        _ => $"{time.TotalDays:0.#} days",
    });

    private static string Of(string? database) => database is null ? "" : $" of '{database}'";

    private BackupRecency None(StoreReading reading) => new()
    {
        State = BackupRecencyState.None,
        Store = reading.Store,
        Target = reading.Target,
        MaximumAge = maximumAge,
        BackupCount = 0,
        Requests = reading.Requests,
        Message = reading.OtherFiles == 0
            ? "The store was read to its end and is empty: there is no backup."
            : FormattableString.Invariant($"The store was read to its end: {reading.OtherFiles} files are there, but none is named like a backup."),
        Recommendation = "Check the job that makes the backups, and that the container, folder and prefix are the ones it writes to. Names end in .dump, .backup, .sql, .sql.gz, .tar and the like, or in a date.",
        CollectedAt = now,
    };

    private BackupRecency Judge(string? database, Group group, StoreReading reading)
    {
        if (group.Newest is not { } newest)
        {
            return CannotDetermine(
                new MaintenanceException(
                    MaintenanceErrorCode.StoreError,
                    $"All backups{Of(database)} are dated in the future, the last one {group.Future!.TakenAt:u}.",
                    "Correct the clock of this machine or of the one that makes the backups."),
                maximumAge, now, reading) with { Database = database, Newest = group.Future, BackupCount = reading.Complete ? group.Count : null };
        }

        var age = now > newest.TakenAt ? now - newest.TakenAt : TimeSpan.Zero;
        var (state, verdict, recommendation) = (newest.SizeBytes, age) switch
        {
            (0, _) => (BackupRecencyState.Incomplete, "is empty", "Check the job that makes the backups: its last run wrote nothing."),
            _ when age > maximumAge => (BackupRecencyState.Stale, "is too old", "Check the job that makes the backups: it has not written any since."),
            _ => (BackupRecencyState.Fresh, "is fresh", (string?)null),
        };

        return new BackupRecency
        {
            State = state,
            Store = reading.Store,
            Target = reading.Target,
            Database = database,
            Newest = newest,
            Age = age,
            MaximumAge = maximumAge,
            BackupCount = reading.Complete ? group.Count : null,
            Requests = reading.Requests,
            Message = $"The newest backup{Of(database)} {verdict}: taken {newest.TakenAt:u}, {Text(age)} ago; at most {Text(maximumAge)} is allowed.",
            Recommendation = recommendation,
            CollectedAt = now,
        };
    }

    private readonly record struct Group(long Count, DatabaseBackup? Newest, DatabaseBackup? Future);
}

/// <summary>What was read, and how.</summary>
/// <param name="Store">The store, without secrets.</param>
/// <param name="Target">Name of the maintained system.</param>
/// <param name="Requests">How many requests it took.</param>
/// <param name="Complete">Whether everything was read, so that counts are right.</param>
/// <param name="OtherFiles">Files that are no backups.</param>
internal readonly record struct StoreReading(string? Store, string? Target, int Requests, bool Complete, long OtherFiles = 0);
