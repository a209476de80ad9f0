using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Security;

/// <summary>The audit of databases' catalogues.</summary>
public sealed class DbSecurityService
{
    private readonly DatabaseConnector _connector;
    private readonly TimeProvider _time;

    internal DbSecurityService(DatabaseConnector connector, TimeProvider time) => (_connector, _time) = (connector, time);

    /// <summary>Audits the connected database, or several of the same server. Default timeout 60 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">What to look at, and what is wanted.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>For each database what is wrong, the worst first, and what could not be checked. What belongs to the whole server is told with the first.</returns>
    /// <exception cref="MaintenanceException">DatabaseNotFound where no database has such a name; what connecting and reading can throw.</exception>
    public async Task<IReadOnlyList<Finding>> AuditAsync(MaintenanceTarget target, SecurityAuditQuery query, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(60), _time, cancellationToken);
        return await deadline.RunAsync<IReadOnlyList<Finding>>($"Auditing '{target.Name}'", async token =>
        {
            var findings = new List<Finding>();
            foreach (var (number, database) in (await DatabasesAsync(target, query, deadline, call, token)).Index())
            {
                findings.AddRange(await AuditOneAsync(database, query, number == 0, deadline, call, token));
            }

            return findings;
        });
    }

    /// <summary>Ids and titles of the checks.</summary>
    public static IReadOnlyList<(string Id, string Title)> Checks { get; } = [.. SecurityCatalogue.Checks.Select(check => (check.Id, check.Title))];

    /// <summary>Names of the server's databases that the role may connect to: for completion, quickly or not at all.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<IReadOnlyList<string>> FindDatabasesAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync(target, new SessionOptions("completion", TimeSpan.FromSeconds(1)), call, cancellationToken);
        return await session.QueryAsync("Security/Sql/SecurityDatabases.sql", row => row.GetString(0), cancellationToken);
    }

    private async Task<IReadOnlyList<MaintenanceTarget>> DatabasesAsync(
        MaintenanceTarget target, SecurityAuditQuery query, Deadline deadline, CallContext call, CancellationToken cancellationToken)
    {
        if (query.Databases is not { } wanted)
        {
            return [target];
        }

        await using var session = await _connector.OpenAsync(target, Options(deadline), call, cancellationToken);
        var names = await session.QueryAsync("Security/Sql/SecurityDatabases.sql", row => row.GetString(0), cancellationToken);
        var chosen = names.Where(wanted).ToList();
        if (chosen.Count == 0)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.DatabaseNotFound,
                $"The server of '{target.Name}' has no such database that {session.User} may connect to.",
                $"There are: {string.Join(", ", names)}.");
        }

        if (target.Database!.ConnectionString is not null && chosen.Exists(name => name != session.Database))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.NotConfigured,
                $"The connection string of '{target.Name}' names one database, and others cannot be reached through it.",
                "Configure host, user and password one by one, or a target for each database.");
        }

        // The connected one first: the server is told with it.
        return [.. chosen.OrderByDescending(name => name == session.Database).Select(name => target with { Database = target.Database! with { Database = name } })];
    }

    private async Task<IReadOnlyList<Finding>> AuditOneAsync(
        MaintenanceTarget target, SecurityAuditQuery query, bool withServer, Deadline deadline, CallContext call, CancellationToken cancellationToken)
    {
        AuditFacts facts;
        await using (var session = await _connector.OpenAsync(target, Options(deadline), call, cancellationToken))
        {
            facts = await new SecurityReader(session).ReadAsync(query, _time.GetUtcNow(), cancellationToken);
        }

        return SecurityAuditor.Audit(target, facts, query, withServer);
    }

    private static SessionOptions Options(Deadline deadline) => new("Get-DbSecurityFinding", deadline.Remaining);
}
