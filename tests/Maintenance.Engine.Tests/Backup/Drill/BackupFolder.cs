using Maintenance.Engine.Backup.Drill;

namespace Maintenance.Engine.Tests.Backup.Drill;

/// <summary>A folder with files that are named like backups, and a test of backups that gives what a test wants.</summary>
internal sealed class BackupFolder : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("maintenance-drill-");

    public BackupFolder() => Directory.CreateDirectory(StorePath);

    public string StorePath => Path.Combine(_root.FullName, "backups");

    public string Locks => Path.Combine(_root.FullName, "state");

    public string Artifacts => Path.Combine(_root.FullName, "artifacts");

    /// <summary>A clock that stands still unless it is moved.</summary>
    public Microsoft.Extensions.Time.Testing.FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>What was tested, in order.</summary>
    public List<(string Name, BackupLevel Level, bool Force, TimeSpan ReverifyAfter)> Tested { get; } = [];

    /// <summary>What a test comes to, by name; others are restored.</summary>
    public Dictionary<string, Func<DatabaseBackup, BackupVerification>> Results { get; } = [];

    public MaintenanceTarget Target => DrillSample.Target with
    {
        BackupStore = new StoreSettings { Path = StorePath, MaximumAge = TimeSpan.FromHours(24) },
        ArtifactStore = new StoreSettings { Path = Artifacts },
        History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(Locks, "history.db") },
    };

    public string Write(string database, double hoursAgo, int size = 100)
    {
        var name = $"{database}-{TimeProvider.System.GetUtcNow().AddHours(-hoursAgo).UtcDateTime:yyyyMMddHHmmss}.dump";
        // What pg_dump's custom format begins with: the recency looks at that.
        File.WriteAllBytes(Path.Combine(StorePath, name), [.. "PGDMP"u8, 1, 14, 0, 4, 8, 1, .. new byte[size]]);
        return name;
    }

    public TestBackupAsync Test => (backup, _, options, _, token) =>
    {
        token.ThrowIfCancellationRequested();
        lock (Tested)
        {
            Tested.Add((backup.Name, options.Level, options.Force, options.ReverifyAfter));
        }

        // Tested in no time, so that nothing is counted off what is lost.
        return Task.FromResult((Results.GetValueOrDefault(backup.Name)?.Invoke(backup) ?? DrillSample.Restored(backup, 60, TimeSpan.FromHours(1))) with { Level = options.Level, VerifiedAt = DateTimeOffset.UnixEpoch });
    };

    public void Dispose() => _root.Delete(recursive: true);
}
