using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Security.Access;

/// <summary>Reviews of who has access to a server: its roles, what they may do, and when they were seen.</summary>
public sealed class AccessReviewService
{
    /// <summary>The longest time after which a role can be inactive: samples are kept for twice as long, and who was not seen for ten years needs no watching.</summary>
    internal static readonly TimeSpan MaximumInactiveAfter = TimeSpan.FromDays(3650);

    private readonly DatabaseConnector _connector;
    private readonly RoleWatchHistory _watch;
    private readonly TimeProvider _time;

    internal AccessReviewService(DatabaseConnector connector, HistoryService history, TimeProvider time) => (_connector, _watch, _time) = (connector, new RoleWatchHistory(history), time);

    /// <summary>Reviews the roles of the connected server, and keeps a sample of who is active in the target's history. Default timeout 60 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">What is wanted.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>Every role by name, then the application's accounts if there are any; and what every check came to, passed ones included, the worst first.</returns>
    /// <exception cref="MaintenanceException">InvalidArgument for a time that no role can be inactive after, and what connecting and reading can throw. A history that cannot be used makes activity Unknown.</exception>
    public async Task<(IReadOnlyList<DbAccessReview> Roles, IReadOnlyList<Finding> Findings)> ReviewAsync(
        MaintenanceTarget target, DbAccessQuery query, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(call);
        var inactiveAfter = query.InactiveAfter ?? target.Security.InactiveAfter;
        if (inactiveAfter <= TimeSpan.Zero || inactiveAfter > MaximumInactiveAfter)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"The time after which a role is inactive is more than nothing and at most {MaximumInactiveAfter.Days} days.",
                "For example: -InactiveAfter 90d, or security.inactiveAfter in the configuration.");
        }

        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(60), _time, cancellationToken);
        return await deadline.RunAsync($"Reviewing access to '{target.Name}'", async token =>
        {
            AccessFacts facts;
            await using (var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbAccessReview", deadline.Remaining), call, token))
            {
                facts = await new AccessReader(session).ReadAsync(inactiveAfter, _time.GetUtcNow(), token);
            }

            var context = new AccessReviewContext
            {
                Facts = facts,
                Activity = await ActivityAsync(target, facts, inactiveAfter, !query.NoSample, call, token),
                InactiveAfter = inactiveAfter,
                ServicePatterns = target.Security.ServiceAccounts,
            };
            var findings = AccessReviewer.Findings(target, context);
            return (AccessReviewer.Roles(target, context, findings), findings);
        });
    }

    /// <summary>Names of roles that begin with a text, for completion.</summary>
    /// <param name="target">The target.</param>
    /// <param name="beginning">The text.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<IReadOnlyList<string>> FindRolesAsync(MaintenanceTarget target, string beginning, CallContext call, CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync(target, new SessionOptions("completion", TimeSpan.FromSeconds(1)), call, cancellationToken);
        return await session.QueryAsync("Security/Access/Sql/AccessRoleNames.sql", row => row.GetString(0), cancellationToken, beginning, 200);
    }

    private async Task<IReadOnlyDictionary<long, ActivityVerdict>> ActivityAsync(
        MaintenanceTarget target, AccessFacts facts, TimeSpan inactiveAfter, bool keep, CallContext call, CancellationToken cancellationToken)
    {
        var roles = facts.Roles.All.Select(role => role.Oid).ToList();
        if (facts.Server.IsStandby)
        {
            return roles.ToDictionary(role => role, _ => ActivityVerdict.NotWatched("This is a standby: who is active on the primary is not seen here, and nothing was sampled."));
        }

        var sample = new RoleSample(facts.Now, facts.Server.System, roles, facts.Sessions, facts.Statements, facts.Server.CountsEveryRole);
        var (watch, times, trouble) = await _watch.AddAsync(target, sample, inactiveAfter, keep, call, cancellationToken);
        return roles.ToDictionary(role => role, role =>
        {
            var verdict = ActivityVerdict.Of(watch.Roles[role], times, watch.CountedSince, inactiveAfter, facts.Now);
            return trouble is null || verdict.Activity != RoleActivity.Unknown ? verdict : verdict with { Note = $"Not known, because {trouble}." };
        });
    }
}
