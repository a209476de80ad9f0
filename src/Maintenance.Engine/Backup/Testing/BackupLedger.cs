using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>
/// What tests of backups came to, kept in the target's history: a backup that has not changed since it passed is not read again. That
/// the history cannot be read or written is told, and makes no verdict: everything is read then.
/// </summary>
internal sealed class BackupLedger(HistoryService history, TimeProvider time)
{
    /// <summary>How long what a test came to is kept; the backups it is of are mostly gone by then.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromDays(400);

    /// <summary>A history that failed is left alone for so long, so that many backups do not wait for it one after the other.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _failed = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds a test that a backup need not go through again; null if it has to.</summary>
    /// <remarks>A recovery to a point in time is a test of the log as well: it is neither found here nor noted down.</remarks>
    /// <param name="backup">The backup, as listed now.</param>
    /// <param name="target">The maintained system it belongs to.</param>
    /// <param name="options">What is asked.</param>
    /// <param name="call">Where to tell.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<BackupVerification?> FindAsync(
        DatabaseBackup backup, MaintenanceTarget? target, BackupTestOptions options, CallContext call, CancellationToken cancellationToken)
    {
        if (options.Force || target is null || backup.ETag is not { Length: > 0 } || options.PointInTime is not null)
        {
            return null;
        }

        var entries = await TryAsync(
            target, call, "read", store => store.ReadVerificationsAsync(target.Name, backup.Store, backup.Name, cancellationToken), cancellationToken);
        var same = (entries ?? []).Where(entry => IsSame(entry.Verification.Backup, backup)).ToList();
        var now = time.GetUtcNow();
        return same.Exists(entry => entry.Verification.Verdict == BackupVerdict.Failed)
            ? null
            : same.Find(entry => entry.Verification.Verdict == BackupVerdict.Verified
                && entry.Verification.Level >= options.Level
                && !(options.Level >= BackupLevel.Sample && IsBase(entry.Verification))
                && (options.Level < BackupLevel.Sample || entry.Scope == ScopeOf(target, options with { Level = entry.Verification.Level }))
                && entry.Verification.VerifiedAt <= now
                && now - entry.Verification.VerifiedAt < options.ReverifyAfter) is { } found
                ? Answer(found.Verification, backup, target, options, now)
                : null;
    }

    /// <summary>Notes what a test came to, where that says something about the backup.</summary>
    public async Task RecordAsync(BackupVerification verification, MaintenanceTarget? target, BackupTestOptions options, CallContext call, CancellationToken cancellationToken)
    {
        if (target is null || verification.Backup.ETag is not { Length: > 0 } || verification.Verdict == BackupVerdict.CannotDetermine || options.PointInTime is not null)
        {
            return;
        }

        var entry = new VerificationEntry(target.Name, verification, ScopeOf(target, options));
        await TryAsync(
            target,
            call,
            "written",
            async store =>
            {
                await store.RecordAsync(entry, verification.VerifiedAt - Keep, cancellationToken);
                return true;
            },
            cancellationToken);
    }

    /// <summary>What the last tests of a target's backups came to, newest first; nothing where it keeps no history.</summary>
    /// <exception cref="MaintenanceException">HistoryUnavailable, HistoryCorrupt, HistoryTooNew, or what the database reports.</exception>
    public async Task<IReadOnlyList<BackupVerification>> ReadAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        history.StoreOf(target, call) is { } store
            ? [.. (await store.ReadVerificationsAsync(target.Name, cancellationToken)).Select(entry => entry.Verification with { FromLedger = true })]
            : [];

    private static bool IsSame(DatabaseBackup known, DatabaseBackup listed) =>
        known.ETag == listed.ETag && known.SizeBytes == listed.SizeBytes && known.LastModified.ToUnixTimeSeconds() == listed.LastModified.ToUnixTimeSeconds();

    // A recovery from one goes to the end of the log, and that has grown since.
    private static bool IsBase(BackupVerification known) => known.Format == BackupKind.BaseBackup || known.Backup.Kind == BackupKind.BaseBackup;

    private static BackupVerification Answer(
        BackupVerification found, DatabaseBackup backup, MaintenanceTarget target, BackupTestOptions options, DateTimeOffset now) => found with
        {
            Backup = backup,
            Level = options.Level,
            FromLedger = true,
            BytesRead = 0,
            Requests = 0,
            CollectedAt = now,
            Message = FormattableString.Invariant($"Unchanged since it passed the level {found.Level} on {found.VerifiedAt:yyyy-MM-dd HH:mm} UTC, and not read again."),
            RecoveryPoint = found.RecoveryPoint + (now - found.VerifiedAt),
            RecoveryPointObjective = target.Recovery.PointObjective ?? target.BackupStore?.MaximumAge,
            RecoveryTimeObjective = target.Recovery.TimeObjective,
            Target = target.Name,
        };

    // A restore answers the questions that were put to it, and no others.
    private static string ScopeOf(MaintenanceTarget target, BackupTestOptions options)
    {
        if (options.Level < BackupLevel.Sample)
        {
            return "";
        }

        var asked = new StringBuilder();
        foreach (var assertion in target.Recovery.Assertions.Concat(options.Assertions))
        {
            asked.Append(assertion.Name).Append('\0').Append(assertion.Sql).Append('\0').Append(assertion.Expected).Append('\0').Append(assertion.Database).Append('\n');
        }

        asked.Append(FormattableString.Invariant($"/{(options.Level == BackupLevel.Sample ? options.SampleTables : 0)}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(asked.ToString())));
    }

    private async Task<T?> TryAsync<T>(
        MaintenanceTarget target, CallContext call, string what, Func<IHistoryStore, Task<T>> work, CancellationToken cancellationToken)
    {
        if (_failed.TryGetValue(target.Name, out var until) && time.GetUtcNow() < until)
        {
            return default;
        }

        try
        {
            return history.StoreOf(target, call) is { } store ? await work(store) : default;
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            _failed[target.Name] = time.GetUtcNow() + Rest;
            call.Sink.Warning($"The ledger of tested backups could not be {what}: {exception.Message} Every backup is read. {exception.Recommendation}");
            return default;
        }
    }
}
