namespace Maintenance.Engine.Inspect;

/// <summary>Decides who may be stopped: sessions of people and programs, but nothing that others rely on without knowing.</summary>
internal static class SessionProtection
{
    /// <summary>The protection of a process, and the reason for it.</summary>
    /// <param name="row">The process.</param>
    /// <param name="own">Processes that serve this engine.</param>
    public static (DbSessionProtection Protection, string? Reason) Of(SessionRow row, IReadOnlySet<int> own)
    {
        var ours = row.ApplicationName?.StartsWith("Maintenance/", StringComparison.Ordinal) == true;
        return row switch
        {
            _ when ours && own.Contains(row.ProcessId) => (DbSessionProtection.Always, "It is a session of this very engine."),
            { BackendType: null, HasRole: false } => (DbSessionProtection.Always, "It is a process of the server's own."),
            { BackendType: null } => (DbSessionProtection.Always, "The role may not see what it is."),
            { BackendType: "parallel worker" } => (DbSessionProtection.Always, $"It is a parallel worker of session {row.LeaderProcessId}, which is the one to stop."),
            { BackendType: "autovacuum worker" } => IsAgainstWraparound(row)
                ? (DbSessionProtection.NeedsForce, "It is an autovacuum that prevents transaction wraparound, and would begin again.")
                : (DbSessionProtection.None, null),
            { BackendType: "walsender", SendsBaseBackup: true } => (DbSessionProtection.NeedsForce, "It sends a base backup."),
            { BackendType: "walsender" } => (DbSessionProtection.NeedsForce, "It sends WAL to a standby or a subscriber."),
            { BackendType: not "client backend" } => (DbSessionProtection.Always, $"It is a process of the server's own ({row.BackendType})."),
            { UsesSlot: true } => (DbSessionProtection.NeedsForce, "It reads a replication slot."),
            _ when MayHoldBackup(row) => (DbSessionProtection.NeedsForce, "Its latest statement began a base backup, which would end with it."),
            { IsSuperuser: true } => (DbSessionProtection.NeedsForce, "It belongs to a superuser."),
            _ when ours => (DbSessionProtection.NeedsForce, "It is another run of this module."),
            _ => (DbSessionProtection.None, null),
        };
    }

    // Autovacuum tells of itself in the text of its statement.
    private static bool IsAgainstWraparound(SessionRow row) => row.Query?.Contains("(to prevent wraparound)", StringComparison.Ordinal) == true;

    // A backup that was begun by a function holds no lock and shows nowhere: the statement that began it is the only trace.
    private static bool MayHoldBackup(SessionRow row) =>
        row.Query?.Contains("pg_backup_start", StringComparison.OrdinalIgnoreCase) == true
        || row.Query?.Contains("pg_start_backup", StringComparison.OrdinalIgnoreCase) == true;
}
