using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Gets the statements that take long, what they spend their time on, and whether they take longer than they used to.</summary>
/// <remarks>
/// <para>Use it when a system is slow, and to see after a release whether statements have become slower. A statement is slow when its mean time is above the
/// threshold. Statements are told apart by user, database, id and level, so what two users or databases do is never mixed.</para>
/// <para>The server's statistics of statements (pg_stat_statements) only ever grow, and nothing here resets them. Each call keeps a reading in the target's
/// history, at most one in five minutes, as the task PerformanceMetrics does; the figures are differences of readings. From says since when: where the history
/// does not reach back over the window, a warning says so, and with none at all the figures are those since the statistics' reset. Resets and statements that the
/// server discarded are noticed, and Incomplete of every row tells of them. IsMadeUp and a warning tell of sample data of a sandbox's past. Statements of this module are left out, and so are those that look after the database, as
/// VACUUM and what pg_dump reads, and those of sessions, as BEGIN and COMMIT, unless Kind names them. pg_stat_statements knows no application names, so that kinds are told by text.</para>
/// <para>Bound is what took the most of the time, as far as the server measures; BoundReason says how that is known, or which setting would tell. Waiting for locks is
/// not counted: Lock is what executions are seen to wait for this moment, or an inference where a statement that takes locks handled hardly any data for its time, and the
/// reason says which. P95Estimate is an estimate from mean and deviation.</para>
/// <para>Regression compares with the newest baseline of the statement, else with the earlier half of the window, by Welch's test: Slower is what is both unlikely to be
/// chance (p below 0.01) and large enough to matter (1.3 times). PlanChange tells of a moment since which executions touch many times as many blocks, or as few, for as many rows.</para>
/// <para>Texts never have literals. A history keeps the 200 statements that took the most time of each five minutes and all slow ones one by one; what others took counts in
/// SharePercent alone.</para>
/// <para>Privileges: the extension pg_stat_statements in the connected database, and pg_read_all_stats (part of pg_monitor), without which statements of
/// other roles are one row for each role with status Unknown. It changes nothing but the history; the server's own counters are never reset.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60</default>
/// <example>
/// <code>Get-DbSlowQuery</code>
/// <para>Gets the slow statements of the last 24 hours in the connected database, those that took the most time first.</para>
/// </example>
/// <example>
/// <code>Get-DbSlowQuery -All -First 10 -Window 7d</code>
/// <para>Gets the ten statements that took the most time in a week, slow or not.</para>
/// </example>
/// <example>
/// <code>Get-DbSlowQuery -All -AllDatabases | Where-Object Regression -eq Slower | Format-List Query, MeanTime, BaselineMean, RegressionReason</code>
/// <para>Shows what has become slower, on the whole server.</para>
/// </example>
/// <example>
/// <code>Get-DbSlowQuery -Threshold 200ms | Where-Object Bound -eq TemporaryFiles | Sort-Object TemporaryBytes -Descending</code>
/// <para>Finds statements whose sorts and hashes do not fit work_mem.</para>
/// </example>
/// <example>
/// <code>Get-DbSlowQuery -Kind Maintenance, Session -All -First 10</code>
/// <para>Shows what looking after the database and sessions themselves cost.</para>
/// </example>
/// <seealso cref="GetPerformanceMetricCommand"/>
/// <seealso href="https://www.postgresql.org/docs/current/pgstatstatements.html">pg_stat_statements</seealso>
[Cmdlet(VerbsCommon.Get, "DbSlowQuery", DefaultParameterSetName = "Database")]
[OutputType(typeof(SlowQuery))]
public sealed class GetDbSlowQueryCommand : TargetCmdlet
{
    /// <summary>Mean time above which a statement is slow: 500ms, 2s or a TimeSpan. Default: performance.slowQuery of the target, 1s unless set.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? Threshold { get; set; }

    /// <summary>The time up to now that is looked at: 15m, 24h, 7d or a TimeSpan. Default: 24h.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(1);

    /// <summary>At most so many statements of each target, those that took the most time. Default: all.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>Names of databases of the same server. Default: the connected one.</summary>
    [Parameter(ParameterSetName = "Database")]
    [ArgumentCompleter(typeof(ServerDatabaseCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Database { get; set; }

    /// <summary>All databases of the server. Default: the connected one.</summary>
    [Parameter(ParameterSetName = "AllDatabases", Mandatory = true)]
    public SwitchParameter AllDatabases { get; set; }

    /// <summary>Gets every statement, slow or not. Default: slow ones.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Kinds of statements: Application, Maintenance (VACUUM, ANALYZE, REINDEX, what pg_dump reads), Session (BEGIN, COMMIT, SET, DISCARD), Unknown (the text is
    /// not known). Default: Application and Unknown.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public QueryKind[]? Kind { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var selection = new SlowQuerySelection
        {
            Threshold = Threshold,
            Window = Window,
            First = First,
            Databases = Database?.Distinct(StringComparer.Ordinal).ToDictionary(name => name, name => Wildcards.Matcher(name)),
            AllDatabases = AllDatabases,
            Kinds = Kind ?? new SlowQuerySelection().Kinds,
            All = All,
        };
        var queries = await Engine.SlowQueries.ReadAsync(target, selection, Call, cancellationToken);
        if (SlowQueryService.SayMadeUp(queries) is { } madeUp)
        {
            Call.Sink.Warning($"'{target.Name}': {madeUp}");
        }

        foreach (var query in queries)
        {
            await WriteObjectAsync(query);
        }
    }
}
