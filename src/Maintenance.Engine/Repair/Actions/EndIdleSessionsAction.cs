using System.Globalization;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>
/// Ends sessions that do nothing for longer than the target allows, as Stop-DbSession does: by process and connection time, protected ones
/// never. Where connections run out, as many as it takes to be below the warning again, no more.
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

        var use = IdleSessionChoice.Tightest(await sessions.ReadHeadroomAsync(context.Target, Call(context), cancellationToken));
        return use is null
            ? new IssueLook(null, "the limit of connections is not known")
            : new IssueLook(IdleSessionChoice.Percent(use) > IdleSessionChoice.IssueAbove, IdleSessionChoice.Describe(use));
    }

    public async Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var use = IdleSessionChoice.Tightest(await sessions.ReadHeadroomAsync(context.Target, Call(context), cancellationToken));
        var all = await sessions.ReadAsync(context.Target, new DbSessionQuery { All = true }, Call(context), cancellationToken);
        var goal = ThresholdCatalogue.For(context.Target, "connection_pool_usage")?.Warning ?? IdleSessionChoice.UsualGoal;
        var chosen = IsAboutTransactions(context) ? InTransaction(context, all) : IdleSessionChoice.Choose(all, use, goal, context.Target.Repair);
        return chosen.Count > 0
            ? new RemedySteps([.. chosen.Select(Step)])
            : throw new MaintenanceException(
                MaintenanceErrorCode.RemedyRefused,
                Say.Text($"No session that may be ended has been idle for {Say.Duration(context.Target.Repair.IdleSession)}, or idle in a transaction for {Say.Duration(context.Target.Repair.IdleInTransaction)}."),
                "See who is connected: Get-DbSession -All. The limits are repair.idleSession and repair.idleInTransaction.");
    }

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        var now = (await sessions.ReadAsync(context.Target, new DbSessionQuery { All = true }, Call(context), cancellationToken)).ToDictionary(KeyOf, session => session);
        var (ended, moved, failed) = (0, 0, new List<string>());
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
                    _ => Note(failed, result.Message),
                };
            }
            catch (MaintenanceException exception)
            {
                failed.Add(exception.Message);
            }
        }

        var told = Say.Text($"{ended} of {Say.Count(steps.Count, "session", "sessions")} ended{(moved > 0 ? Say.Text($", {moved} had gone or moved on") : "")}");
        return failed.Count == 0
            ? told
            : throw new MaintenanceException(MaintenanceErrorCode.RemedyRefused, Say.Text($"{told}, {failed.Count} could not be ended: {failed[0]}"), "See what Stop-DbSession says of them.");
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

    private static int Note(List<string> failed, string message)
    {
        failed.Add(message);
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
