using System.Globalization;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>
/// Ends sessions that do nothing for longer than the target allows, as Stop-DbSession does: by process and connection time, protected ones
/// never, and those alone that the role may end. Where connections run out, as many of those under that limit as it takes to be clearly below the
/// warning again, no more.
/// </summary>
internal sealed class EndIdleSessionsAction(SessionService sessions, SessionTerminator terminator) : IRemedyAction
{
    public IReadOnlyList<string> Kinds { get; } = ["EndIdleSessions"];

    public RemedyRisk LeastRisk => RemedyRisk.Medium;

    /// <summary>Sessions end.</summary>
    public RemedyRisk Impact => RemedyRisk.High;

    public bool IsImmediate => false;

    public async Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken)
    {
        if (IsAboutTransactions(context))
        {
            var left = InTransaction(context, await sessions.ReadAsync(context.Target, new DbSessionQuery { All = true }, Call(context), cancellationToken)).Count;
            return new IssueLook(left > 0, Say.Text($"{Say.Count(left, "session", "sessions")} idle in a transaction for more than {Say.Duration(context.Target.Repair.IdleInTransaction)}"));
        }

        var use = await LimitAsync(context, cancellationToken);
        return use is null
            ? new IssueLook(null, "there is no such limit of connections any more")
            : new IssueLook(use.UsagePercent > ConnectionUse.IssueAbove(context.Target), Say.Text($"{ConnectionUse.Describe(use)}, limit {ConnectionUse.IssueAbove(context.Target):0.##} %"));
    }

    public async Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var use = IsAboutTransactions(context) ? null : await LimitAsync(context, cancellationToken);
        var all = await sessions.ReadAsync(context.Target, new DbSessionQuery { All = true }, Call(context), cancellationToken);
        var rights = await sessions.ReadRightsAsync(context.Target, Call(context), cancellationToken);
        IReadOnlyList<DbSession> Chosen(IReadOnlyList<DbSession> from) =>
            IsAboutTransactions(context) ? InTransaction(context, from) : IdleSessionChoice.Choose(from, use, ConnectionUse.Goal(context.Target), context.Target.Repair);
        // Those that it may not end would only fail, in place of others that it may.
        if (Chosen([.. all.Where(rights.MayEnd)]) is { Count: > 0 } chosen)
        {
            return new RemedySteps([.. chosen.Select(Step)]);
        }

        if (Chosen(all) is { Count: > 0 } forbidden)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied, Say.Text($"The role {rights.Role} may not end {Say.Count(forbidden.Count, "the session", "sessions")} that would have to end."), SessionRights.Grant(rights, "pg_signal_backend"));
        }

        var whose = use is null || ConnectionUse.Subject(use) is not { } subject ? "" : $" of the {RepairText.Of(subject, 80)}";
        throw new MaintenanceException(
            MaintenanceErrorCode.RemedyRefused,
            Say.Text($"No session{whose} that may be ended has been idle for {Say.Duration(context.Target.Repair.IdleSession)}, or idle in a transaction for {Say.Duration(context.Target.Repair.IdleInTransaction)}."),
            "See who is connected: Get-DbSession -All. The limits are repair.idleSession and repair.idleInTransaction.");
    }

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        var now = (await sessions.ReadAsync(context.Target, new DbSessionQuery { All = true }, Call(context), cancellationToken)).ToDictionary(KeyOf, session => session);
        var (ended, moved, failed) = (0, 0, new List<MaintenanceException>());
        foreach (var step in steps)
        {
            // Whoever has done anything since is not idle any more.
            if (!now.TryGetValue(step.Command, out var session))
            {
                moved++;
                continue;
            }

            try
            {
                var plan = await terminator.PlanAsync(context.Target, new DbSessionStopRequest { ProcessId = session.ProcessId, Seen = session, Mode = DbSessionStopMode.Terminate }, Call(context), cancellationToken);
                var result = plan.Decided ?? (plan.Session?.StateSince == session.StateSince ? await terminator.ExecuteAsync(context.Target, plan, Call(context), cancellationToken) : null);
                _ = result?.Outcome switch
                {
                    DbSessionStopOutcome.Terminated => ended++,
                    null or DbSessionStopOutcome.AlreadyGone or DbSessionStopOutcome.Skipped => moved++,
                    _ => Note(failed, new MaintenanceException(MaintenanceErrorCode.RemedyRefused, result.Message, result.Recommendation ?? "See what Stop-DbSession says of it.")),
                };
            }
            catch (MaintenanceException exception)
            {
                failed.Add(exception);
            }
        }

        var told = Say.Text($"{ended} of {Say.Count(steps.Count, "session", "sessions")} ended{(moved > 0 ? Say.Text($", {moved} had gone or moved on") : "")}");
        return failed.Count == 0
            ? told
            : throw new MaintenanceException(
                // Only where nothing was done at all it was a matter of rights alone.
                ended == 0 && failed.TrueForAll(failure => failure.Code == MaintenanceErrorCode.PermissionDenied) ? MaintenanceErrorCode.PermissionDenied : MaintenanceErrorCode.RemedyRefused,
                Say.Text($"{told}, {failed.Count} could not be ended: {failed[0].Message}"),
                failed[0].Recommendation);
    }

    // The limits are the configuration's, whatever a finding says; but it may be about open transactions alone.
    private static bool IsAboutTransactions(RepairContext context) => context.Remedy.Optional("idleInTransaction") is not null && context.Remedy.Optional("idleSession") is null;

    // All of them, or the one that is meant: by its number and when it connected, since numbers are used again.
    private static IReadOnlyList<DbSession> InTransaction(RepairContext context, IReadOnlyList<DbSession> all)
    {
        var idle = IdleSessionChoice.InTransaction(all, context.Target.Repair);
        if (context.Remedy.Optional("process") is not { } process)
        {
            return idle;
        }

        if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw context.Remedy.Invalid("process");
        }

        return DateTimeOffset.TryParseExact(context.Remedy.Needed("connected"), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var connected)
            ? [.. idle.Where(session => session.ProcessId == number && session.BackendStart == connected)]
            : throw context.Remedy.Invalid("connected");
    }

    private async Task<DbConnectionHeadroom?> LimitAsync(RepairContext context, CancellationToken cancellationToken) =>
        ConnectionUse.Meant(await sessions.ReadHeadroomAsync(context.Target, Call(context), cancellationToken), context.Remedy);

    private static int Note(List<MaintenanceException> failed, MaintenanceException problem)
    {
        failed.Add(problem);
        return failed.Count;
    }

    private static RepairStep Step(DbSession session) => new(KeyOf(session), new Dictionary<string, string>
    {
        ["process"] = session.ProcessId.ToString(CultureInfo.InvariantCulture),
        ["connected"] = Time(session.BackendStart),
    });

    // What tells a session at a certain rest from every other: it is what one confirms, and what is looked for again.
    private static string KeyOf(DbSession session) => session.PreparedTransaction is { } prepared
        ? $"prepared {RepairText.Of(prepared, 200)}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT pg_terminate_backend({session.ProcessId}); -- {RepairText.Of(session.Role, 63)}, {RepairText.Of(session.ApplicationName, 63)}, {(session.IsIdleInTransaction ? "idle in a transaction" : "idle")} since {Time(session.StateSince)}, connected {Time(session.BackendStart)}");

    private static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) ?? "?";

    private static CallContext Call(RepairContext context) => context.Call with { Timeout = null };
}
