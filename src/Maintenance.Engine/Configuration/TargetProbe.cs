using Maintenance.Engine.Analytics;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Configuration;

/// <summary>Connects to a target's database to prove its settings, and finds out what the role may do there.</summary>
internal sealed class TargetProbe(DatabaseConnector database, TimeProvider time)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StatementTimeout = TimeSpan.FromSeconds(10);
    private static readonly string[] RetentionCmdlets = ["Invoke-DbMaintenance", "Invoke-DbRetention"];

    /// <summary>Opens one session, and tells what answered.</summary>
    public Task ConnectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) => WithSessionAsync(
        target,
        call,
        (session, _) =>
        {
            call.Sink.Verbose(
                $"'{target.Name}' is PostgreSQL {session.ServerVersion}{(session.IsStandby ? ", a standby" : "")}, database {session.Database}, role {session.User}.");
            if (session.IsPooled)
            {
                call.Sink.Warning(
                    $"The connection to '{target.Name}' goes through a transaction pooler. Reading works; maintenance needs the database itself (port 5432 on Supabase).");
            }

            return Task.FromResult(true);
        },
        cancellationToken);

    /// <summary>What the role lacks.</summary>
    public Task<IReadOnlyList<MissingPrivilege>> FindMissingAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        WithSessionAsync<IReadOnlyList<MissingPrivilege>>(
            target,
            call,
            async (session, token) =>
            {
                var rows = await session.QueryAsync(
                    "Configuration/Sql/Privileges.sql",
                    row => new PrivilegeFacts(
                        row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3),
                        row.GetBoolean(4), row.GetString(5), row.GetBoolean(6), row.GetBoolean(7))
                    {
                        SignalsSessions = row.GetBoolean(8),
                        ReadsAllData = row.GetBoolean(9),
                        SeesAllRows = row.GetBoolean(10),
                        MajorVersion = row.GetInt32(11),
                        ReadsAllTables = row.GetBoolean(12),
                    },
                    token);
                return
                [
                    .. PrivilegeCatalogue.Missing(target, rows.Single() with { MissingTableGrants = await MissingTableGrantsAsync(session, token) }),
                    .. await MissingForRetentionAsync(session, token),
                ];
            },
            cancellationToken);

    // A policy whose table is not there lacks more than a privilege: its plan says so.
    private static async Task<List<MissingPrivilege>> MissingForRetentionAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var missing = new List<MissingPrivilege>();
        foreach (var policy in session.Target.Retention)
        {
            try
            {
                var facts = await PolicyProbe.ReadAsync(session, policy, cancellationToken);
                missing.AddRange(PolicyJudge.Denials(policy, facts).SelectMany(denial => RetentionCmdlets, (denial, cmdlet) =>
                    new MissingPrivilege { Target = session.Target.Name, Cmdlet = cmdlet, Effect = $"Rows past their age stay. {denial.Message}", Grant = denial.Recommendation }));
                missing.AddRange(RestoreJudge.Denials(facts, policy.Action).Select(denial =>
                    new MissingPrivilege { Target = session.Target.Name, Cmdlet = "Restore-DbArchive", Effect = $"Archived rows cannot come back. {denial.Message}", Grant = denial.Recommendation }));
            }
            catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.ObjectNotFound or MaintenanceErrorCode.InvalidArgument)
            {
                // The role may not even see it, or it is not there.
            }
        }

        return missing;
    }

    private static async Task<Dictionary<string, string>> MissingTableGrantsAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var grants = new Dictionary<string, string>();
        foreach (var mapping in TableMapping.All(session.Target.Analytics))
        {
            if (await MappedTable.MissingGrantAsync(session, mapping, cancellationToken) is { } grant)
            {
                grants[mapping.Setting] = grant;
            }
        }

        return grants;
    }

    private async Task<T> WithSessionAsync<T>(
        MaintenanceTarget target, CallContext call, Func<DatabaseSession, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        // An earlier target of this name may have had other settings, and its secret another value: what is proved is what is configured now.
        await database.CloseAsync(target);
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, time, cancellationToken);
        return await deadline.RunAsync($"Connecting to '{target.Name}'", async token =>
        {
            await using var session = await database.OpenAsync(target, new SessionOptions("Connect", StatementTimeout), call, token);
            return await work(session, token);
        });
    }
}
