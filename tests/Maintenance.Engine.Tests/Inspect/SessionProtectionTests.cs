using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class SessionProtectionTests
{
    private static readonly SessionRow Client = new() { ProcessId = 1, Role = "app", BackendType = "client backend", ApplicationName = "web", Query = "SELECT 1" };

    public static TheoryData<string, DbSessionProtection> Rows => new()
    {
        { "client", DbSessionProtection.None },
        { "superuser", DbSessionProtection.NeedsForce },
        { "other run", DbSessionProtection.NeedsForce },
        { "own", DbSessionProtection.Always },
        { "own number, other name", DbSessionProtection.None },
        { "walsender", DbSessionProtection.NeedsForce },
        { "base backup", DbSessionProtection.NeedsForce },
        { "backup function", DbSessionProtection.NeedsForce },
        { "old backup function", DbSessionProtection.NeedsForce },
        { "slot", DbSessionProtection.NeedsForce },
        { "autovacuum", DbSessionProtection.None },
        { "wraparound", DbSessionProtection.NeedsForce },
        { "parallel worker", DbSessionProtection.Always },
        { "checkpointer", DbSessionProtection.Always },
        { "apply worker", DbSessionProtection.Always },
        { "hidden", DbSessionProtection.Always },
        { "hidden process", DbSessionProtection.Always },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_others_rely_on_is_protected_with_a_reason(string kind, DbSessionProtection expected)
    {
        var row = kind switch
        {
            "superuser" => Client with { IsSuperuser = true },
            "other run" => Client with { ApplicationName = "Maintenance/Weekly" },
            "own" => Client with { ApplicationName = "Maintenance/Weekly", ProcessId = 9 },
            "own number, other name" => Client with { ProcessId = 9 },
            "walsender" => Client with { BackendType = "walsender" },
            "base backup" => Client with { BackendType = "walsender", SendsBaseBackup = true },
            "backup function" => Client with { Query = "select PG_BACKUP_START('x')" },
            "old backup function" => Client with { Query = "SELECT pg_start_backup('x', true, false)" },
            "slot" => Client with { UsesSlot = true },
            "autovacuum" => Client with { BackendType = "autovacuum worker", Role = null, HasRole = false, Query = "autovacuum: VACUUM public.t" },
            "wraparound" => Client with { BackendType = "autovacuum worker", Role = null, HasRole = false, Query = "autovacuum: VACUUM public.t (to prevent wraparound)" },
            "parallel worker" => Client with { BackendType = "parallel worker", LeaderProcessId = 3 },
            "checkpointer" => Client with { BackendType = "checkpointer", Role = null, HasRole = false },
            "apply worker" => Client with { BackendType = "logical replication worker" },
            "hidden" => Client with { BackendType = null },
            "hidden process" => Client with { BackendType = null, Role = null, HasRole = false },
            _ => Client,
        };
        var (protection, reason) = SessionProtection.Of(row, new HashSet<int> { 9 });
        Assert.Equal(expected, protection);
        Assert.Equal(expected == DbSessionProtection.None, reason is null);
    }
}
