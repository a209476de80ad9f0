using System.Globalization;

namespace Maintenance.Engine.Backup;

/// <summary>
/// Takes backups one by one, remembers the newest of each database and kind, and says whether they are young enough and look as they
/// should. Pure: the clock and the backups come from outside, from a store or from a pipeline.
/// </summary>
/// <param name="rules">What they are judged by.</param>
/// <param name="now">The time it is judged at (UTC).</param>
internal sealed class RecencyEvaluator(RecencyRules rules, DateTimeOffset now)
{
    // A store full of uploads that were given up must not fill the memory.
    private const int MostUncommitted = 1000;

    private readonly Dictionary<(string Database, BackupKind Kind), RecencyGroup> _groups = [];
    private readonly List<DatabaseBackup> _uncommitted = [];

    /// <summary>Takes one backup into account.</summary>
    public void Add(DatabaseBackup backup)
    {
        if (!rules.Naming.Fits(backup))
        {
            return;
        }

        if (backup.Completeness != BackupCompleteness.Uncommitted)
        {
            GroupOf(backup).Add(backup);
        }
        else if (_uncommitted.Count < MostUncommitted)
        {
            _uncommitted.Add(backup);
        }
    }

    /// <summary>Takes into account what is not finished, where there are backups of its database and kind.</summary>
    public void AddUnfinished(IEnumerable<DatabaseBackup> unfinished)
    {
        foreach (var backup in unfinished)
        {
            if (_groups.TryGetValue(KeyOf(backup), out var group))
            {
                group.AddUnfinished(backup);
            }
        }
    }

    /// <summary>One record for each database and kind, one for each that must be there and is not, or a single one that says None.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="tell">Told of what is there and not judged.</param>
    public IReadOnlyList<BackupRecency> Evaluate(StoreReading reading, Action<string>? tell = null)
    {
        SettleUncommitted();
        var newest = _groups.GroupBy(group => group.Key.Database, group => group.Value.NewestAt).ToDictionary(database => database.Key, database => database.Max());
        var judged = _groups.Where(group => IsJudged(group.Value, newest[group.Key.Database], tell)).Select(group => group.Value).Select(group => Judge(group, reading));
        var records = judged.Concat(Missing(reading))
            .OrderBy(recency => recency.Database, StringComparer.OrdinalIgnoreCase).ThenBy(recency => recency.Kind).ToList();
        return records.Count > 0 ? records : [None(reading, null, null)];
    }

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

    private RecencyGroup GroupOf(DatabaseBackup backup)
    {
        var key = KeyOf(backup);
        return _groups.TryGetValue(key, out var group) ? group : _groups[key] = new RecencyGroup(backup.Database, backup.Kind, now);
    }

    // Nothing is noted at what was never put together, and its name alone may tell another database than was noted at the others, or
    // none. What this module would have called a backup of a database that is there belongs to that, and is none on its own.
    private void SettleUncommitted()
    {
        foreach (var backup in _uncommitted)
        {
            var file = backup.Name[(backup.Name.LastIndexOf('/') + 1)..];
            var group = _groups.ContainsKey(KeyOf(backup)) ? null
                : _groups.Values.FirstOrDefault(group => group.Kind == backup.Kind && group.Database is { } database && file.StartsWith(Dump.DumpNames.FileName(database) + "-", StringComparison.Ordinal));
            (group ?? GroupOf(backup)).Add(backup);
        }

        _uncommitted.Clear();
    }

    private static (string, BackupKind) KeyOf(DatabaseBackup backup) => (backup.Database?.ToUpperInvariant() ?? "", backup.Kind);

    private bool IsJudged(RecencyGroup group, DateTimeOffset? newest, Action<string>? tell)
    {
        var what = $"The backups{Of(group.Database, group.Kind)} are not judged:";
        if (rules.Kinds.Count > 0)
        {
            if (!rules.Kinds.Contains(group.Kind))
            {
                tell?.Invoke($"{what} backups.kinds does not list them.");
                return false;
            }
        }
        else if (group.NewestAt < newest - rules.Window)
        {
            tell?.Invoke($"{what} the last one was taken {group.NewestAt:u}, and backups of another kind are made since. List the kind in backups.kinds if it is still needed.");
            return false;
        }

        // A base backup is of all databases.
        if (group.Kind == BackupKind.BaseBackup)
        {
            return true;
        }

        if (rules.Databases.Count > 0 ? !rules.Databases.Any(database => Same(database, group.Database)) : rules.OwnDatabase is { } own && HasAny(own) && !Same(own, group.Database))
        {
            tell?.Invoke($"{what} they are of another database than {(rules.Databases.Count > 0 ? "backups.databases lists" : "that of the target")}.");
            return false;
        }

        return true;
    }

    private IEnumerable<BackupRecency> Missing(StoreReading reading)
    {
        if (_groups.Count == 0 && rules.Databases.Count == 0 && rules.Kinds.Count == 0)
        {
            return [];
        }

        var missing = new List<(string? Database, BackupKind? Kind)>();
        var hasBase = _groups.Values.Any(group => group.Kind == BackupKind.BaseBackup);
        if (rules.Kinds.Contains(BackupKind.BaseBackup) && !hasBase)
        {
            missing.Add((null, BackupKind.BaseBackup));
        }

        var logical = rules.Kinds.Where(kind => kind != BackupKind.BaseBackup).ToList();
        foreach (var database in Required())
        {
            if (rules.Kinds.Count > 0)
            {
                missing.AddRange(logical.Where(kind => !_groups.ContainsKey((database?.ToUpperInvariant() ?? "", kind))).Select(kind => (database, (BackupKind?)kind)));
            }
            else if (!HasAny(database) && !(hasBase && _groups.Values.All(group => group.Kind == BackupKind.BaseBackup)))
            {
                missing.Add((database, null));
            }
        }

        return missing.Select(part => None(reading, part.Database, part.Kind));
    }

    // Those that are configured; else each that is there must have each kind that is configured.
    private IEnumerable<string?> Required()
    {
        if (rules.Databases.Count > 0 || rules.Kinds.Count == 0)
        {
            return rules.Databases;
        }

        var found = _groups.Values.Where(group => group.Kind != BackupKind.BaseBackup).Select(group => group.Database).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return rules.OwnDatabase is { } own && (found.Count == 0 || HasAny(own)) ? [own] : found.Count > 0 ? found : [null];
    }

    private bool HasAny(string? database) => _groups.Values.Any(group => group.Kind != BackupKind.BaseBackup && Same(group.Database, database));

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private BackupRecency None(StoreReading reading, string? database, BackupKind? kind) => new()
    {
        State = BackupRecencyState.None,
        Store = reading.Store,
        Target = reading.Target,
        Database = database,
        Kind = kind,
        MaximumAge = rules.MaximumAge,
        BackupCount = 0,
        Requests = reading.Requests,
        Message = (_groups.Count, reading.OtherFiles) switch
        {
            ( > 0, _) => $"The store was read to its end and has no backup{Of(database, kind)}; it has others.",
            (_, 0) => "The store was read to its end and is empty: there is no backup.",
            var (_, others) when reading.Misnamed > 0 => string.Create(CultureInfo.InvariantCulture, $"The store was read to its end: {others} files are there, {reading.Misnamed} of them look like backups, but none is named as the pattern says."),
            var (_, others) => string.Create(CultureInfo.InvariantCulture, $"The store was read to its end: {others} files are there, but none is named like a backup."),
        },
        Recommendation = _groups.Count == 0 && reading.Misnamed > 0
            ? "Check backups.namePattern (or -NamePattern) against the names in the store; it begins below the store's prefix."
            : "Check the job that makes the backups, and that the container, folder and prefix are the ones it writes to. Names end in .dump, .backup, .sql, .sql.gz, .tar and the like, or in a date.",
        CollectedAt = now,
    };

    private BackupRecency Judge(RecencyGroup group, StoreReading reading)
    {
        var record = new BackupRecency
        {
            State = BackupRecencyState.Fresh,
            Store = reading.Store,
            Target = reading.Target,
            Database = group.Database,
            Kind = group.Kind,
            LastComplete = group.Complete,
            Age = group.Complete is { } complete ? AgeOf(complete) : null,
            MaximumAge = rules.MaximumAge,
            BackupCount = reading.Complete ? group.Count : null,
            Requests = reading.Requests,
            Message = "",
            CollectedAt = now,
        };
        return group switch
        {
            { Broken: { } broken } when IsLater(broken, group.Complete) => Incomplete(record, group, broken),
            { Complete: { } newest } => JudgeComplete(record, group, newest),
            { UnderWay: { } underWay } => Incomplete(record, group, underWay),
            _ => InFuture(record, group, reading),
        };
    }

    private static bool IsLater(DatabaseBackup one, DatabaseBackup? other) => other is null || RecencyGroup.IsLater(one, other);

    private BackupRecency InFuture(BackupRecency record, RecencyGroup group, StoreReading reading) => CannotDetermine(
        new MaintenanceException(
            MaintenanceErrorCode.StoreError,
            $"All backups{Of(group.Database, group.Kind)} are dated in the future, the last one {group.Future!.TakenAt:u}.",
            "Correct the clock of this machine or of the one that makes the backups."),
        rules.MaximumAge, now, reading) with { Database = group.Database, Kind = group.Kind, Newest = group.Future, BackupCount = record.BackupCount };

    private BackupRecency Incomplete(BackupRecency record, RecencyGroup group, DatabaseBackup broken)
    {
        var what = broken switch
        {
            _ when ReferenceEquals(broken, group.UnderWay) => "is still being written, and there is none before it",
            { Completeness: BackupCompleteness.Uncommitted } => "was never finished: its blocks were sent, but not put together",
            { Completeness: BackupCompleteness.Partial } when BackupName.Unfinished(broken.Name) is not null => "was left half written",
            { Completeness: BackupCompleteness.Partial } => $"has {broken.SizeBytes.ToString(CultureInfo.InvariantCulture)} bytes, another size than was noted when it was made",
            _ => "is empty",
        };
        var before = group.Complete is { } complete ? $" The last complete one was taken {complete.TakenAt:u}, {Text(AgeOf(complete))} ago." : " There is no complete one.";
        return record with
        {
            State = BackupRecencyState.Incomplete,
            Newest = broken,
            Message = $"The newest backup{Of(group.Database, group.Kind)} {what}: {Harmless(broken.Name)}, {broken.TakenAt:u}.{before}",
            Recommendation = ReferenceEquals(broken, group.UnderWay) ? "Ask again when it is finished." : "Check the job that makes the backups: its last run did not come to its end. Make a new one.",
        };
    }

    private BackupRecency JudgeComplete(BackupRecency record, RecencyGroup group, DatabaseBackup newest)
    {
        var before = group.SizesBefore(rules.Window);
        var median = SizeHistory.Median(before);
        var age = AgeOf(newest);
        var (state, verdict, recommendation) = age > rules.MaximumAge
            ? (BackupRecencyState.Stale, "is too old", "Check the job that makes the backups: it has not written any since.")
            : SizeHistory.IsShrunk(newest.SizeBytes, before, rules.MaximumShrinkage)
                ? (BackupRecencyState.Shrunk, "has shrunk", "Look at what it lacks (Test-BackupRestore), unless that much was deleted. backups.maximumShrinkage sets the limit.")
                : (BackupRecencyState.Fresh, "is fresh", (string?)null);
        var size = state == BackupRecencyState.Shrunk
            ? string.Create(CultureInfo.InvariantCulture, $" It has {newest.SizeBytes} bytes; the median of the {before.Count} before it is {median:0}.")
            : "";
        var underWay = group.UnderWay is { } next && IsLater(next, newest) ? $" Another is being written: {Harmless(next.Name)}." : "";
        return record with
        {
            State = state,
            Newest = newest,
            MedianSizeBytes = median is { } known ? (long)Math.Round(known) : null,
            Message = $"The newest backup{Of(group.Database, group.Kind)} {verdict}: taken {newest.TakenAt:u}, {Text(age)} ago; at most {Text(rules.MaximumAge)} is allowed.{size}{underWay}",
            Recommendation = recommendation,
        };
    }

    private TimeSpan AgeOf(DatabaseBackup backup) => now > backup.TakenAt ? now - backup.TakenAt : TimeSpan.Zero;

    /// <summary>An age as sentences tell it.</summary>
    public static string Text(TimeSpan time) => FormattableString.Invariant(time.TotalHours switch
    {
        < 1 => $"{Math.Floor(time.TotalMinutes)} min",
        <= 72 => $"{time.TotalHours:0.#} h",
        _ => $"{time.TotalDays:0.#} days",
    });

    /// <summary>Whose backups: <c> of 'app' (Custom)</c>.</summary>
    public static string Of(string? database, BackupKind? kind) => (database, kind) switch
    {
        (null, null or BackupKind.Unknown) => "",
        (null, _) => $" ({kind})",
        (_, null or BackupKind.Unknown) => $" of '{Harmless(database)}'",
        _ => $" of '{Harmless(database)}' ({kind})",
    };

    /// <summary>A name that can be said: names come from whoever may write to the store, and messages go to terminals, logs and chats.</summary>
    public static string Harmless(string text) => string.Concat(text.Select(character => char.IsControl(character) ? '\uFFFD' : character));
}

/// <summary>What was read, and how.</summary>
/// <param name="Store">The store, without secrets.</param>
/// <param name="Target">Name of the maintained system.</param>
/// <param name="Requests">How many requests it took.</param>
/// <param name="Complete">Whether everything was read, so that counts are right.</param>
/// <param name="OtherFiles">Files that are no backups.</param>
/// <param name="Misnamed">Those of them that look like backups, and are not named as the pattern says.</param>
internal readonly record struct StoreReading(string? Store, string? Target, int Requests, bool Complete, long OtherFiles = 0, long Misnamed = 0);
