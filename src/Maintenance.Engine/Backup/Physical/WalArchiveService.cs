using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>Reads archives of write-ahead log, and says whether they are whole and young enough.</summary>
public sealed class WalArchiveService
{
    /// <summary>How old the newest segment may be, unless the archive says otherwise.</summary>
    internal static readonly TimeSpan DefaultMaximumAge = TimeSpan.FromHours(1);

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    private readonly WalServerReader _server;
    private readonly BackupStores _stores = new();
    private readonly TimeProvider _time;

    internal WalArchiveService(DatabaseConnector connector, TimeProvider time) => (_server, _time) = (new WalServerReader(connector), time);

    /// <summary>
    /// Judges the archive of a target, and asks its database how much is not archived yet. What cannot be found out is a record that says
    /// so and why, not an exception.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="maximumAge">How old its newest segment may be; null for what is configured, or 1 h.</param>
    /// <param name="call">Where to tell, and where to read secrets.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<BackupRecency> TestAsync(MaintenanceTarget target, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken) =>
        TestAsync(target.WalArchive, target, maximumAge, call, cancellationToken);

    /// <summary>Judges an archive that belongs to no target.</summary>
    /// <inheritdoc cref="TestAsync(MaintenanceTarget, TimeSpan?, CallContext, CancellationToken)"/>
    public Task<BackupRecency> TestAsync(StoreSettings archive, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken) =>
        TestAsync(archive, target: null, maximumAge, call, cancellationToken);

    /// <summary>Forgets the secrets of a target's archive.</summary>
    internal void Close(MaintenanceTarget target)
    {
        if (target.WalArchive is { } archive)
        {
            _stores.Forget(archive);
        }
    }

    private async Task<BackupRecency> TestAsync(
        StoreSettings? settings, MaintenanceTarget? target, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken)
    {
        var (limit, now) = (Limit(maximumAge ?? settings?.MaximumAge ?? DefaultMaximumAge), _time.GetUtcNow());
        WalArchiveReader? reader = null;
        try
        {
            using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
            return await deadline.RunAsync($"Reading the archive {settings}", async token =>
            {
                var store = settings ?? throw NotConfigured(target?.Name);
                reader = new WalArchiveReader(await _stores.OpenAsync(store, call, token), await _stores.OpenFilesAsync(store, call, token));

                // The server first: what it writes while the archive is read is no lag.
                var (server, reason) = await ServerAsync(target, call, token);
                var archive = await reader.ReadAsync(call.Sink, now, token);
                return new WalRecencyEvaluator(limit, now).Judge(archive, server, reason, new StoreReading(BackupStores.NameOf(store), target?.Name, reader.Requests, Complete: true));
            });
        }
        catch (MaintenanceException exception)
        {
            var reading = new StoreReading(settings is null ? null : BackupStores.NameOf(settings), target?.Name, reader?.Requests ?? 0, Complete: false);
            return RecencyEvaluator.CannotDetermine(exception, limit, now, reading) with
            {
                Kind = BackupKind.WalArchive,
                Message = $"Whether the write-ahead log is archived could not be found out. {exception.Message}",
                Wal = new WalArchiveState(),
            };
        }
        finally
        {
            call.Sink.Progress(new ProgressUpdate("Reading write-ahead log", "Done", Completed: true));
        }
    }

    // The archive can be judged without the server; then an idle server cannot be told from one that stopped archiving.
    private async Task<(WalServer? Server, string? Reason)> ServerAsync(MaintenanceTarget? target, CallContext call, CancellationToken cancellationToken)
    {
        if (target?.Database is null)
        {
            return (null, "No database is configured that could be asked.");
        }

        try
        {
            return (await _server.ReadAsync(target, call, cancellationToken), null);
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            call.Sink.Verbose($"The server of '{target.Name}' was not asked about its archiver: {exception.Message}");
            return (null, exception.Message);
        }
    }

    private static TimeSpan Limit(TimeSpan limit) => limit > TimeSpan.Zero && limit <= TimeSpan.FromDays(36500) ? limit : throw new MaintenanceException(
        MaintenanceErrorCode.InvalidArgument, "The maximum age of the newest segment must be positive, and at most 36500 days.", "Give a time span such as 1:00:00.");

    private static MaintenanceException NotConfigured(string? target) => new(
        MaintenanceErrorCode.NotConfigured,
        $"The target '{target}' has no archive of write-ahead log.",
        "Add \"walArchive\" to the target in maintenance.json, or give -WalPath.");
}
