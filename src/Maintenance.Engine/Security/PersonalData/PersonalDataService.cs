using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Security.PersonalData;

/// <summary>Personal data: which columns hold them, and how they are looked after.</summary>
public sealed class PersonalDataService
{
    private const string Task = "Find-DbPersonalData";

    /// <summary>What of the whole time looking into tables may take; then names alone are judged, and it is told.</summary>
    private const double SampledPart = 0.85;


    private readonly DatabaseConnector _connector;
    private readonly TimeProvider _time;

    internal PersonalDataService(DatabaseConnector connector, TimeProvider time) => (_connector, _time) = (connector, time);

    /// <summary>Looks through the tables of the connected database. Values are judged on the server, and none leaves it. Default timeout 10 minutes.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">Where to look.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>Columns that hold personal data, table by table as they are done; and tables that could not be looked into.</returns>
    /// <exception cref="MaintenanceException">ObjectNotFound where the table of people, a role or an exposed schema that was named does not exist, or no table goes by what was asked for; what connecting and reading can throw.</exception>
    public async IAsyncEnumerable<DbPersonalData> FindAsync(
        MaintenanceTarget target, PersonalDataQuery query, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromMinutes(10), _time, cancellationToken);
        await foreach (var record in deadline.WatchAsync(RunAsync(target, query, deadline, call, null), What(target)))
        {
            if (IsWanted(record, query))
            {
                yield return record;
            }
        }
    }

    /// <summary>The findings about personal data, those checks included that found nothing wrong.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">Where to look.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">As <see cref="FindAsync"/>.</exception>
    public async Task<IReadOnlyList<Finding>> AuditAsync(MaintenanceTarget target, PersonalDataQuery query, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromMinutes(10), _time, cancellationToken);
        List<DbPersonalData> records = [];
        PersonalDataJudge? judge = null;
        await foreach (var record in deadline.WatchAsync(RunAsync(target, query, deadline, call, its => judge = its), What(target)))
        {
            records.Add(record);
        }

        return [.. judge!.Whole(records).OrderBy(finding => finding.Outcome == FindingOutcome.Pass).ThenByDescending(finding => finding.Severity)
            .ThenBy(finding => finding.Id, StringComparer.Ordinal).ThenBy(finding => finding.Subject, StringComparer.Ordinal)];
    }

    private static string What(MaintenanceTarget target) => $"Looking for personal data in '{target.Name}'";

    // What could not be looked into is wanted whatever was asked for.
    private static bool IsWanted(DbPersonalData record, PersonalDataQuery query) => record.Column is null
        || (record.Confidence >= query.MinimumConfidence && (query.Categories.Count == 0 || record.Contains.Any(query.Categories.Contains)));

    private async IAsyncEnumerable<DbPersonalData> RunAsync(MaintenanceTarget target, PersonalDataQuery query, Deadline deadline, CallContext call, Action<PersonalDataJudge>? judged)
    {
        var token = deadline.Token;
        var started = _time.GetTimestamp();
        var budget = deadline.Remaining is { } all ? all * SampledPart : TimeSpan.MaxValue;
        await using var session = await _connector.OpenAsync(target, new SessionOptions(Task, deadline.Remaining), call, token);
        var scene = await ReadAsync(session, target, query, call, token);
        var judge = new PersonalDataJudge(target, scene);
        judged?.Invoke(judge);
        var sampler = new PersonalDataSampler(session, query);
        foreach (var (number, relation) in scene.Relations.Index())
        {
            call.Sink.Progress(new ProgressUpdate(Task, relation.Quoted, number * 100 / scene.Relations.Count));
            var left = budget - _time.GetElapsedTime(started);
            var sample = query.SampleRows == 0 ? new TableSample { Reason = "Values were not looked at, as asked.", IsSkipped = true }
                : left <= TimeSpan.Zero ? new TableSample { Reason = "The time was up before: only its names were looked at.", IsMissing = true, IsPassing = true }
                : await sampler.SampleAsync(relation, [.. scene.Columns[relation.Oid]], left < query.TableTimeout ? left : query.TableTimeout, token);
            foreach (var record in judge.Table(relation, sample))
            {
                yield return record;
            }
        }
    }

    private async Task<PersonalDataScene> ReadAsync(DatabaseSession session, MaintenanceTarget target, PersonalDataQuery query, CallContext call, CancellationToken cancellationToken)
    {
        var reader = new PersonalDataReader(session);
        var relations = await reader.RelationsAsync(query, cancellationToken);
        if (relations.Count == 0 && query.Tables.Count > 0)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ObjectNotFound,
                $"There is no table {string.Join(", ", query.Tables)}{(query.Schemas.Count > 0 ? $" in the schema {string.Join(", ", query.Schemas)}" : "")} in the database '{session.Database}' of '{target.Name}'.",
                "Check the names, and the database that the target is connected to. Wildcards are * and ?.");
        }

        if (relations.RemoveAll(relation => relation.IsOurs && !IsNamed(relation, query)) is > 0 and var own)
        {
            call.Sink.Verbose($"{own} tables of the schema maintenance are left out: they are this module's own history. Name the schema to have them looked through.");
        }

        var columns = await reader.ColumnsAsync(relations, cancellationToken);
        var keys = await reader.KeysAsync(cancellationToken);
        var views = await reader.ViewsAsync(cancellationToken);
        var asked = new SecurityAuditQuery { Schemas = query.ExposedSchemas };
        var facts = await new SecurityReader(session).ReadAsync(query.UntrustedRoles is { } roles ? asked with { UntrustedRoles = roles } : asked, _time.GetUtcNow(), cancellationToken);
        // PUBLIC is a stranger anyhow, named or not.
        AskedFor.Roles(target, query.UntrustedRoles?.Where(role => !role.Equals("PUBLIC", StringComparison.OrdinalIgnoreCase)).ToList(), facts.Roles);
        AskedFor.Schemas(target, query.ExposedSchemas, [.. facts.Holders.Where(holder => holder.Kind == "schema").Select(holder => holder.Name)]);
        var subject = Subject(facts, target, query, session.Database);
        return new PersonalDataScene(session.Database, _time.GetUtcNow(), relations, columns, new ColumnExposure(facts, views))
        {
            Subject = subject?.Quoted,
            SubjectOid = subject?.Oid,
            Routes = subject is null ? null : SubjectGraph.From(subject.Oid, subject.Quoted, keys),
        };
    }

    private static bool IsNamed(PersonalRelation relation, PersonalDataQuery query) =>
        query.Schemas.Contains(relation.Schema, StringComparer.OrdinalIgnoreCase)
        || query.Tables.Any(name => name.Equals(relation.Name, StringComparison.OrdinalIgnoreCase) || name.Equals($"{relation.Schema}.{relation.Name}", StringComparison.OrdinalIgnoreCase));

    // One that was named has to be there; auth.users, where nobody named any, need not.
    private static RelationFacts? Subject(AuditFacts facts, MaintenanceTarget target, PersonalDataQuery query, string database)
    {
        if ((query.SubjectTable ?? target.Security.SubjectTable) is not { } name)
        {
            return facts.Relations.Values.FirstOrDefault(relation => relation is { Schema: "auth", Name: "users", HoldsRows: true });
        }

        DbObjectReference reference;
        try
        {
            reference = new DbObjectReference(name);
        }
        catch (ArgumentException exception)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, exception.Message, "Name the table of people: schema.name.");
        }

        return facts.Relations.Values.FirstOrDefault(relation => relation.HoldsRows && relation.Name == reference.Name && relation.Schema == (reference.Schema ?? "public"))
            ?? throw new MaintenanceException(
                MaintenanceErrorCode.ObjectNotFound,
                $"There is no table {name} in the database '{database}' of '{target.Name}', which is said to have the people.",
                "Correct -SubjectTable, or security.subjectTable in maintenance.json: schema.name, as it is written in the database.");
    }
}
