using Maintenance.Engine.Configuration;
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
    /// <exception cref="MaintenanceException">DatabaseNotFound where no database has such a name; ObjectNotFound for a schema or role that was named and is not there; what connecting and reading can throw.</exception>
    public async Task<IReadOnlyList<Finding>> AuditAsync(MaintenanceTarget target, SecurityAuditQuery query, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(60), _time, cancellationToken);
        return await deadline.RunAsync<IReadOnlyList<Finding>>($"Auditing '{target.Name}'", async token =>
        {
            var findings = new List<Finding>();
            var schemas = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (number, database) in (await DatabasesAsync(target, query, deadline, call, token)).Index())
            {
                var facts = await ReadAsync(database, query, deadline, call, token);
                AskedFor.Roles(target, query.UntrustedRoles, facts.Roles);
                schemas.UnionWith(facts.Holders.Where(holder => holder.Kind == "schema").Select(holder => holder.Name));
                findings.AddRange(SecurityAuditor.Audit(database, facts, query, withServer: number == 0));
            }

            // Of several databases, some may lack a schema.
            AskedFor.Schemas(target, query.Schemas, schemas);

            return findings;
        });
    }

    /// <summary>Ids and titles of the checks.</summary>
    public static IReadOnlyList<(string Id, string Title)> Checks { get; } = [.. SecurityCatalogue.Checks.Select(check => (check.Id, check.Title))];

    /// <summary>The error for an id or a pattern of ids that no check has.</summary>
    /// <param name="id">As it was written.</param>
    public static MaintenanceException NoSuchCheck(string id) => new(
        MaintenanceErrorCode.InvalidArgument,
        $"No check has the id '{id}'.",
        Suggestion.For(id, Checks.Select(check => check.Id)) is { } near ? $"Did you mean \"{near}\"?" : $"Ids begin with {string.Join(", ", Checks.Select(check => string.Join('-', check.Id.Split('-')[..2])).Distinct())}. Get-DbSecurityFinding -All tells every check.");

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

    private async Task<AuditFacts> ReadAsync(MaintenanceTarget target, SecurityAuditQuery query, Deadline deadline, CallContext call, CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync(target, Options(deadline), call, cancellationToken);
        return await new SecurityReader(session).ReadAsync(query, _time.GetUtcNow(), cancellationToken);
    }

    private static SessionOptions Options(Deadline deadline) => new("Get-DbSecurityFinding", deadline.Remaining);
}
