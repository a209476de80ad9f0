using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>
/// Drops an index that a failed build has left: every write maintains it, and no query reads it. Found by its OID, checked by its name,
/// and only while it is still invalid and nobody works on it.
/// </summary>
internal sealed class DropInvalidIndexAction(DatabaseConnector connector, TimeProvider time) : IRemedyAction
{
    private const string NoRole = "[false, false, true, false, false, null]";

    private static readonly TimeSpan StatementTimeout = TimeSpan.FromSeconds(30);

    public IReadOnlyList<string> Kinds { get; } = ["DropInvalidIndex"];

    public RemedyRisk LeastRisk => RemedyRisk.Low;

    public RemedyRisk Impact => RemedyRisk.Medium;

    public bool IsImmediate => true;

    public async Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(context, StatementTimeout, cancellationToken);
        var index = await FindAsync(session, context, cancellationToken);
        return index switch
        {
            null => new IssueLook(false, $"there is no such index any more in {session.Database}"),
            { IsValid: true } => new IssueLook(false, $"{index.QualifiedName} is valid"),
            _ => new IssueLook(true, $"{index.QualifiedName} ({Say.Size(index.SizeBytes)}) is invalid"),
        };
    }

    public async Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(context, StatementTimeout, cancellationToken);
        var index = await FindAsync(session, context, cancellationToken);
        Check(session, index);
        return new RemedySteps(
            [new RepairStep($"{index!.DropSql};", new Dictionary<string, string>())],
            await new IndexStatements(session).RecreateAsync(index.Oid, cancellationToken) is { Count: > 0 } rollback ? string.Join("\n", rollback) : throw new MaintenanceException(
                MaintenanceErrorCode.LockTimeout, $"Somebody holds {index.QualifiedName} or its table, so its definition, which undoes the drop, cannot be read.", "Try again in a moment."));
    }

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        await using var watchdog = await Watchdog.StartAsync(connector, context.Target, RepairService.TaskName, Watchdog.DefaultMaximumBlock, context.Call with { Timeout = null }, time, cancellationToken);
        await using var session = await OpenAsync(context, null, cancellationToken);
        await session.QueryAsync("Maintain/Sql/LiftLimits.sql", row => row.GetString(0), cancellationToken);
        // Each try looks again: between two of them somebody may have rebuilt it.
        return await ResiliencePipelines.Lock(time, context.Call.Sink).ExecuteAsync(
            async token =>
            {
                var index = await FindAsync(session, context, token);
                Check(session, index);
                if ($"{index!.DropSql};" != steps[0].Command)
                {
                    throw Refused($"{index.QualifiedName} is not what was confirmed.", "Find the issue anew: Find-SystemIssue.");
                }

                await watchdog.ExecuteAsync(session, SqlText.Marked(index.DropSql), token);
                return $"{index.QualifiedName} (OID {index.Oid}, {Say.Size(index.SizeBytes)}) was dropped";
            },
            cancellationToken);
    }

    private static void Check(DatabaseSession session, IndexState? index)
    {
        if (Refusal(session, index) is { } refusal)
        {
            throw refusal;
        }
    }

    private static MaintenanceException? Refusal(DatabaseSession session, IndexState? index) => index switch
    {
        _ when session.IsPooled => new MaintenanceException(
            MaintenanceErrorCode.PoolerNotSupported, $"The connection to '{session.Target.Name}' goes through a pooler.", "Connect to the database itself: port 5432 instead of 6543 on Supabase."),
        _ when session.IsStandby => new MaintenanceException(MaintenanceErrorCode.DatabaseReadOnly, $"The server of '{session.Target.Name}' is a standby.", "Connect to the primary server."),
        null => new MaintenanceException(MaintenanceErrorCode.ObjectNotFound, $"There is no such index any more in {session.Database}.", "Find the issue anew: Find-SystemIssue."),
        { IsValid: true } => Refused($"{index.QualifiedName} is valid by now.", "Nothing is to be done."),
        { IsSystem: true } => Refused($"{index.QualifiedName} belongs to the system's catalogues.", $"As a superuser: {index.ReindexSql};"),
        { TableKind: 't' } => Refused($"{index.QualifiedName} belongs to a TOAST table.", "Rebuild it: Invoke-DbReindex."),
        { Kind: 'I' } => Refused($"{index.QualifiedName} is partitioned: it is invalid as long as a partition has no index attached to it.", "Attach what is missing: ALTER INDEX ... ATTACH PARTITION."),
        { IsExclusion: true } or { Role: not NoRole } => Refused($"{index.QualifiedName} serves a constraint, or more than queries.", $"Rebuild it: {index.ReindexSql};"),
        { WorkedOnBy: { } process } => new MaintenanceException(MaintenanceErrorCode.AlreadyRunning, Say.Text($"Server process {process} works on {index.QualifiedName} or its table: it may be building it."), "Wait until it has ended."),
        { IsOwner: false } => new MaintenanceException(
            MaintenanceErrorCode.PermissionDenied,
            $"The role does not own {index.QualifiedName}, which is what dropping it takes.",
            index.OwnerIsPowerful ? "Let its owner drop it." : $"Run as an administrator: GRANT {index.Owner} TO {index.User};"),
        _ => null,
    };

    private static async Task<IndexState?> FindAsync(DatabaseSession session, RepairContext context, CancellationToken cancellationToken)
    {
        if ((context.Remedy.Optional("database") ?? context.Finding.Database) is { } database && database != session.Database)
        {
            throw Refused($"It is in the database {RepairText.Of(database, 63)}, and the target's is {session.Database}.", "Connect a target of that database.");
        }

        var (oid, schema, name) = (context.Remedy.NeededOid("oid"), context.Remedy.Needed("schema"), context.Remedy.Needed("name"));
        return (await IndexState.WithSiblingsAsync(session, [oid], [session.Connection.ProcessID], cancellationToken)).Find(index => index.Oid == oid && index.Schema == schema && index.Name == name);
    }

    private Task<DatabaseSession> OpenAsync(RepairContext context, TimeSpan? statementTimeout, CancellationToken cancellationToken) =>
        connector.OpenAsync(context.Target, new SessionOptions(RepairService.TaskName, statementTimeout), context.Call, cancellationToken);

    private static MaintenanceException Refused(string message, string recommendation) => new(MaintenanceErrorCode.RemedyRefused, message, recommendation);
}
