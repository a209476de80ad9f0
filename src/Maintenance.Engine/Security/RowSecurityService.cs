using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Security.Rows;

namespace Maintenance.Engine.Security;

/// <summary>Row security tried out: what made-up people can really do.</summary>
public sealed class RowSecurityService
{
    private readonly DatabaseConnector _connector;
    private readonly TimeProvider _time;

    internal RowSecurityService(DatabaseConnector connector, TimeProvider time) => (_connector, _time) = (connector, time);

    /// <summary>Tries each subject with each table, in transactions that never commit. Default timeout 10 minutes.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">Who is to try what.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>What each can do to each table, as it is found out.</returns>
    /// <exception cref="MaintenanceException">ConfigurationInvalid; InvalidArgument without subjects; what connecting and reading can throw.</exception>
    public async IAsyncEnumerable<RowSecurityAccess> TestAsync(
        MaintenanceTarget target, RowSecurityQuery query, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var expectations = query.Expectations is { } text ? RowExpectations.Read(text) : null;
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromMinutes(10), _time, cancellationToken);
        await foreach (var access in deadline.WatchAsync(RunAsync(target, query, expectations, deadline, call), $"Testing row security of '{target.Name}'"))
        {
            yield return access;
        }
    }

    /// <summary>Text of a file of expectations that says what is so today.</summary>
    /// <param name="query">Who tried.</param>
    /// <param name="accesses">What came of it.</param>
    public static string Describe(RowSecurityQuery query, IReadOnlyList<RowSecurityAccess> accesses)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(accesses);
        return RowExpectations.Write(query.Subjects, accesses);
    }

    /// <summary>The subjects of a query where it names none: those of the expectations, or strangers.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">The query.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public async Task<RowSecurityQuery> WithSubjectsAsync(MaintenanceTarget target, RowSecurityQuery query, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(target);
        if (query.Subjects.Count > 0)
        {
            return query;
        }

        if (query.Expectations is { } text && RowExpectations.Read(text).Subjects is { Count: > 0 } named)
        {
            return query with { Subjects = named };
        }

        await using var session = await _connector.OpenAsync(target, new SessionOptions("Test-DbRowSecurity", TimeSpan.FromSeconds(30)), call, cancellationToken);
        var (strangers, _) = await new RowReader(session).DefaultsAsync(cancellationToken);
        return strangers.Count > 0 ? query with { Subjects = strangers } : throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            $"'{target.Name}' has no role anon or authenticated, so that nobody knows as whom to try.",
            "Name subjects: -Subject @{ Name = 'A'; Role = 'app_user'; Claims = @{ sub = '...' } }.");
    }

    private async IAsyncEnumerable<RowSecurityAccess> RunAsync(
        MaintenanceTarget target, RowSecurityQuery query, RowExpectations? expectations, Deadline deadline, CallContext call)
    {
        var token = deadline.Token;
        query = await WithSubjectsAsync(target, query, call, token);
        await using var session = await _connector.OpenAsync(target, new SessionOptions("Test-DbRowSecurity", deadline.Remaining), call, token);
        var judge = new RowJudge(target, session.Database, expectations, query.IncludeWrites, query.RowLimit, _time.GetUtcNow());
        var reader = new RowReader(session);
        var refused = await reader.RefusedAsync(query.Subjects.Select(subject => subject.Role), token);
        foreach (var subject in query.Subjects.Where(subject => refused.ContainsKey(subject.Role)))
        {
            yield return judge.CannotBecome(subject, refused[subject.Role]);
        }

        var subjects = query.Subjects.Where(subject => !refused.ContainsKey(subject.Role)).ToList();
        if (query.Schemas is not null)
        {
            AskedFor.Schemas(target, query.Schemas, await reader.SchemasAsync(token));
        }

        var all = await reader.RelationsAsync(query.Schemas ?? (await reader.DefaultsAsync(token)).Schemas, token);
        var effects = new SideEffects(all, await reader.FunctionsAsync(token));
        var prober = new RowProber(session, query);
        var wanted = all.Where(relation => relation.IsWanted && query.Relations?.Invoke(relation.Schema, relation.Name) != false).ToList();
        foreach (var table in expectations is null || query.Relations is not null ? [] : expectations.Tables.Except(wanted.Select(relation => relation.Quoted), StringComparer.Ordinal))
        {
            foreach (var subject in subjects.Where(subject => Enum.GetValues<RowCommand>().Any(command => expectations!.Find(table, subject.Name, command) is not null)))
            {
                yield return judge.Gone(subject, table);
            }
        }

        foreach (var (number, relation) in wanted.Index())
        {
            call.Sink.Progress(new ProgressUpdate("Test-DbRowSecurity", $"{relation.Quoted}", number * 100 / wanted.Count));
            var harm = effects.Of(relation, query.IncludeWrites);
            foreach (var subject in subjects)
            {
                yield return judge.Judge(subject, relation, harm is null ? await prober.TryAsync(subject, relation, token) : new RowTrial { Untried = Enum.GetValues<RowCommand>().ToDictionary(command => command, _ => harm) });
            }
        }

        await session.QueryAsync("Security/Sql/RowSecurityEnd.sql", _ => true, token);
    }
}
