using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Finds indexes that are broken, redundant, unused or missing, and foreign keys that lack one, and says what to do about each and why.</summary>
/// <remarks>
/// <para>Use it when writes are slow, when a database grows faster than its data, and once a week. Each piece of advice has a verdict (Drop, Create, Observe or
/// Keep), the reasons for it, the statements that carry it out, and those that undo it. You run the statements, each by itself and outside a transaction.</para>
/// <para>Drop is said only where the evidence is enough. An index that enforces or serves something is never advised to be dropped: primary keys, unique and
/// exclusion constraints, targets of foreign keys, replica identities, the only index of a foreign key whose referenced rows change, indexes of extensions and
/// those attached to a partitioned index. An unused one must be known to have existed and been idle for -MinimumObservation on every server: PostgreSQL does not
/// record when an index was made, so each run keeps what it saw in the target's history, and the next ones build on that. Until then the verdict is
/// Observe, and the reasons say what is missing.</para>
/// <para>Duplicate and covered are judged on columns, operator classes, collations, order, stored columns, condition and uniqueness, never on the text of definitions.</para>
/// <para>With -Kind Missing it looks at the statements that took the most time (pg_stat_statements), and finds indexes that would help them: from their generic
/// plans, without running them, and weighed against what writing costs. Where the extension hypopg is installed the planner is asked, else it is an estimate, which
/// must promise more before the verdict is Create. This is done only where it is asked for, because it plans many statements. Planning runs functions: statements that may
/// lead to one that belongs neither to a superuser nor to the connected role, by its name or through a view, a policy, an index or the like, are not planned, which a warning says.</para>
/// <para>Privileges: for -Kind Missing, pg_monitor for the statements of others, and the privileges to run them, because the server plans nothing else:
/// pg_read_all_data for those that read. For the rest connecting to the database is enough for the catalogues and counters; with pg_monitor builds that
/// others have under way are told from failed ones. On a standby, or for one, name the other servers with -Replica: each counts its own queries alone. It
/// changes nothing but the history, which keeps how often each index was used.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60</default>
/// <example>
/// <code>Get-DbIndexAdvice</code>
/// <para>Judges the indexes of the connected target.</para>
/// </example>
/// <example>
/// <code>Get-DbIndexAdvice -Verdict Drop | Format-List</code>
/// <para>Shows what can go, with the reasons, the statements, and how to undo them.</para>
/// </example>
/// <example>
/// <code>(Get-DbIndexAdvice -Kind Invalid, Duplicate -Verdict Drop).RollbackSql | Set-Content ./undo.sql</code>
/// <para>Keeps the statements that would make the indexes anew.</para>
/// </example>
/// <example>
/// <code>Get-DbIndexAdvice -Kind Unused -Replica reporting -MinimumObservation 90d -Verdict Drop, Observe, Keep</code>
/// <para>Counts the use on a standby too, wants a quarter without use, and also shows the unused indexes that must stay.</para>
/// </example>
/// <example>
/// <code>Get-DbIndexAdvice -Schema public -Table error_* -MinimumSize 0</code>
/// <para>Judges the indexes of some tables, however small.</para>
/// </example>
/// <example>
/// <code>Get-DbIndexAdvice -Kind Missing | Format-List Table, Verdict, Reasons, Sql</code>
/// <para>Shows which indexes would help the statements that take the most time, and how much.</para>
/// </example>
/// <seealso cref="GetDbHealthCommand"/>
[Cmdlet(VerbsCommon.Get, "DbIndexAdvice")]
[OutputType(typeof(IndexAdvice))]
public sealed class GetDbIndexAdviceCommand : TargetCmdlet
{
    /// <summary>The kinds of advice that are wanted. Missing has to be asked for. Default: all but Missing.</summary>
    [Parameter]
    public IndexAdviceKind[] Kind { get; set; } = [];

    /// <summary>The verdicts that are wanted. Default: Drop, Create and Observe.</summary>
    [Parameter]
    public IndexVerdict[] Verdict { get; set; } = [IndexVerdict.Drop, IndexVerdict.Create, IndexVerdict.Observe];

    /// <summary>Tables whose indexes are judged: names, with or without their schema and with wildcards, OIDs, or rows of a cmdlet. Default: all.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    [DbObject(IsPattern = true)]
    public DbObjectPattern[]? Table { get; set; }

    /// <summary>Names of schemas whose indexes are judged. Default: all but those of the system.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Schema { get; set; }

    /// <summary>Smaller indexes that are unused, and smaller tables that lack one, are left out, in bytes: 10MB. Invalid, duplicate and covered indexes are named whatever their size. Default: 1MB.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SizeCompleter))]
    [ByteSize]
    [ValidateRange(0, long.MaxValue)]
    public long MinimumSize { get; set; } = IndexAdviceQuery.DefaultMinimumSizeBytes;

    /// <summary>How long an index must have been idle before it is advised to be dropped: 30d, 12w or a TimeSpan. Default: 30d.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan MinimumObservation { get; set; } = IndexAdviceQuery.DefaultMinimumObservation;

    /// <summary>Standbys of the same server whose use of the indexes counts too: names of connected targets, or targets. Default: none.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Replica { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var tables = await Engine.RelationNames.PatternsAsync(target, Table ?? [], Call, cancellationToken);
        var query = new IndexAdviceQuery
        {
            Kinds = Kind,
            Verdicts = Verdict,
            Tables = Matcher(tables),
            MinimumSizeBytes = MinimumSize,
            MinimumObservation = MinimumObservation,
            Replicas = [.. (Replica ?? []).Select(replica => replica.Resolve(Session))],
        };
        foreach (var (name, error) in await Engine.RelationNames.FindMissingAsync(target, tables, Schema ?? [], Call, cancellationToken))
        {
            await WriteErrorAsync(error, name);
        }

        foreach (var advice in await Engine.IndexAdvice.GetAsync(target, query, Call, cancellationToken))
        {
            await WriteObjectAsync(advice);
        }
    }

    private Func<string, string, bool>? Matcher(string[] names)
    {
        if (Table is null && Schema is null)
        {
            return null;
        }

        var (schemas, tables) = (Wildcards.Matcher(Schema ?? ["*"]), Wildcards.Matcher(Table is null ? ["*"] : names));
        return (schema, table) => schemas(schema) && (tables(table) || tables($"{schema}.{table}"));
    }
}
