using System.Globalization;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Maintain;

/// <summary>What a server says before heavy work begins. Null is what nobody could tell.</summary>
internal sealed record PreflightFacts
{
    public required bool IsStandby { get; init; }

    public required bool IsPooled { get; init; }

    /// <summary>WAL that the slowest standby has still to replay, in bytes; null without standbys.</summary>
    public long? StandbyLagBytes { get; init; }

    /// <summary>Slots that lose WAL they need at the next checkpoint. One that is lost already has nothing more to lose.</summary>
    public string? EndangeredSlots { get; init; }

    /// <summary>WAL that can still be written before the first slot is lost, in bytes; null where nothing limits it.</summary>
    public long? SafeWalBytes { get; init; }

    public bool ArchiverFails { get; init; }

    public int BaseBackups { get; init; }

    /// <summary>Free space where the data is, in bytes; known only on the server's own machine.</summary>
    public long? FreeBytes { get; init; }

    public IReadOnlyList<OtherMaintenance> Others { get; init; } = [];
}

/// <summary>Maintenance that somebody else is doing in the database.</summary>
/// <param name="ProcessId">Their server process.</param>
/// <param name="Command">What they run.</param>
/// <param name="RelationOid">On what; 0 if they are not ours to look at.</param>
internal sealed record OtherMaintenance(int ProcessId, string Command, long RelationOid);

/// <summary>Asks whether heavy work may begin, and judges the answer (safety contract, 3 and 5).</summary>
internal static class Preflight
{
    /// <summary>Standbys further behind than this get no more work to replay. Ours: a standby on a fast line replays it within seconds.</summary>
    public const long MaximumStandbyLagBytes = 256L << 20;

    /// <summary>Asks the server.</summary>
    /// <param name="session">The session.</param>
    /// <param name="ours">Server processes of ours, which are not others.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<PreflightFacts> ReadAsync(DatabaseSession session, IReadOnlyCollection<int> ours, CancellationToken cancellationToken)
    {
        var others = await session.QueryAsync(
            "Maintain/Sql/OtherMaintenance.sql", row => new OtherMaintenance(row.GetInt32(0), row.GetString(1), row.GetInt64(2)), cancellationToken, ours.ToArray());
        return (await session.QueryAsync(
            "Maintain/Sql/Preflight.sql",
            row => new PreflightFacts
            {
                IsStandby = row.GetBoolean(0),
                IsPooled = session.IsPooled,
                StandbyLagBytes = row.IsDBNull(1) ? null : row.GetInt64(1),
                EndangeredSlots = row.IsDBNull(2) ? null : row.GetString(2),
                SafeWalBytes = row.IsDBNull(3) ? null : row.GetInt64(3),
                ArchiverFails = !row.IsDBNull(4) && row.GetBoolean(4),
                BaseBackups = row.GetInt32(5),
                FreeBytes = row.IsDBNull(6) || !row.GetBoolean(7) ? null : FreeSpace(row.GetString(6)),
                Others = others,
            },
            cancellationToken))[0];
    }

    /// <summary>Why heavy work may not begin; null if it may. Pure.</summary>
    /// <param name="target">Name of the target, for the message.</param>
    /// <param name="facts">What the server said.</param>
    /// <param name="bytesNeeded">Disk space it will take for a while, and WAL it will write, at the most.</param>
    /// <param name="relationOid">The table it works on; nobody else may maintain it at the same time.</param>
    public static MaintenanceException? Judge(string target, PreflightFacts facts, long bytesNeeded = 0, long relationOid = 0)
    {
        if (facts.IsPooled)
        {
            return new MaintenanceException(
                MaintenanceErrorCode.PoolerNotSupported,
                $"The connection to '{target}' goes through a pooler, behind which maintenance has no session of its own.",
                "Connect to the database itself: port 5432 instead of 6543 on Supabase.");
        }

        if (facts.IsStandby)
        {
            return new MaintenanceException(
                MaintenanceErrorCode.DatabaseReadOnly, $"The server of '{target}' is a standby, which cannot be maintained by itself.", "Connect to the primary server.");
        }

        return facts switch
        {
            { BaseBackups: > 0 } => Unsafe(target, $"{facts.BaseBackups} base backup(s) are running", "Wait until they have ended; heavy WAL would make them longer and larger."),
            { EndangeredSlots: { } slots } => Unsafe(target, $"replication slot(s) {slots} will lose WAL at the next checkpoint", "Let their consumers catch up, or drop them: Get-DbReplication."),
            { ArchiverFails: true } => Unsafe(target, "the archiver fails, so WAL piles up", "Mend archive_command first: Get-DbReplication."),
            { StandbyLagBytes: > MaximumStandbyLagBytes and var lag } => Unsafe(target, $"a standby is {Megabytes(lag)} behind", "Wait until it has caught up."),
            { SafeWalBytes: { } safe } when safe < bytesNeeded => Unsafe(target, $"only {Megabytes(safe)} of WAL may be written before a replication slot is lost, and about {Megabytes(bytesNeeded)} are needed", "Let its consumer catch up, or raise max_slot_wal_keep_size."),
            { FreeBytes: { } free } when free < bytesNeeded => Unsafe(target, $"only {Megabytes(free)} are free on the server's disk, and about {Megabytes(bytesNeeded)} are needed", "Make room first."),
            _ when facts.Others.FirstOrDefault(other => relationOid != 0 && other.RelationOid == relationOid) is { } other => new MaintenanceException(
                MaintenanceErrorCode.AlreadyRunning,
                string.Create(CultureInfo.InvariantCulture, $"Server process {other.ProcessId} is running {other.Command} on it already."),
                "Wait until it has ended."),
            _ => null,
        };
    }

    private static MaintenanceException Unsafe(string target, string what, string recommendation) => new(
        MaintenanceErrorCode.UnsafeNow, $"The server of '{target}' is in no state for heavy work: {what}.", recommendation);

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MB");

    private static long? FreeSpace(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new DriveInfo(folder).AvailableFreeSpace : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
