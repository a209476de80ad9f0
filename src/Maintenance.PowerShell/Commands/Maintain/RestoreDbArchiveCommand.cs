using System.Collections;
using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Brings archived rows back into a table, each exactly once.</summary>
/// <remarks>
/// <para>
/// Use it when rows that Invoke-DbRetention has archived are wanted again. With -Table it finds their archives by itself: the archive
/// table of the retention policy, or the files in the archive store, of which the database knows, and those that only the store knows,
/// so an empty database is enough. -Manifest names one archive in the store, -ArchiveTable an archive table.
/// </para>
/// <para>
/// Rows of an archive table move back: the statement that deletes a row there is the one that inserts it here, in batches of about
/// 30 ms, so a row is in exactly one of the two at any time. Files stay in the store; each is restored in one transaction, in which it
/// is put on record as restored, so a run that was broken off goes on where it stopped, and nothing comes back twice unless -Force is
/// given. Before anything of a file reaches the table, its length, SHA-256 and rows must be what was written down when they left.
/// </para>
/// <para>
/// Columns are found by their names. One that has another name by now is given with -ColumnMap, one that is gone with -IgnoreColumn;
/// without, it is refused. Values whose column has another type now are cast as if they were assigned, and what does not fit keeps its
/// whole batch or file from being restored. Sequences behind keys that come back are moved on. A key that exists already is an error;
/// with -SkipExisting such rows stay in the archive and are counted.
/// </para>
/// <para>
/// It takes ROW EXCLUSIVE, which lets everybody read and write, and does not run while Invoke-DbRetention does. It asks for confirmation
/// only where $ConfirmPreference is Medium or lower, because nothing disappears: what leaves an archive table is in the table. The
/// exception are columns that do not come back out of an archive table, such as archived_at, whose values are lost: -WhatIf names them.
/// The next run of Invoke-DbRetention archives rows again that are past their age; suspend the policy, or give it a legal hold, if they
/// are to stay.
/// </para>
/// <para>Privileges: SELECT and INSERT on the table, SELECT and DELETE on an archive table, BYPASSRLS or ownership where a table has row security, UPDATE
/// on sequences that are to be moved on; for files also TEMPORARY on the database, and CREATE on it where the schema maintenance does not exist yet. What
/// is missing is named with its GRANT. It changes the table, which gets rows back, and an archive table, which loses them; files of an archive
/// stay.</para>
/// </remarks>
/// <example>
/// <code>Restore-DbArchive -Table error_logs -WhatIf</code>
/// <para>Shows which archives of a table there are, how many rows would come back, the exact SQL, and which columns would not.</para>
/// </example>
/// <example>
/// <code>Restore-DbArchive -Table error_logs -From 2026-03-01 -To 2026-04-01 -Destination error_logs_march -Verify</code>
/// <para>Brings the rows of one month into another table, which was made for them, and proves that they are those of the archive.</para>
/// </example>
/// <example>
/// <code>Invoke-DbRetention -Confirm:$false | Restore-DbArchive</code>
/// <para>Brings everything back that was archived, as a drill in a sandbox does.</para>
/// </example>
/// <example>
/// <code>Restore-DbArchive -Manifest 'public.error_logs/2026/11/0f8fad5bd9cb469fa16570867728950e/manifest.json' -ColumnMap @{ severity = 'level' } -IgnoreColumn context</code>
/// <para>Restores one archive from the store into a table whose columns have changed since.</para>
/// </example>
/// <seealso cref="InvokeDbRetentionCommand"/>
[Cmdlet(VerbsData.Restore, "DbArchive", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = TableSet)]
[OutputType(typeof(RestoreResult))]
public sealed class RestoreDbArchiveCommand : MaintenanceCmdlet
{
    private const string TableSet = "Table";
    private const string ArchiveTableSet = "ArchiveTable";
    private const string ManifestSet = "Manifest";
    private const string ObjectSet = "Object";

    private readonly List<RetentionResult> _piped = [];

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last, or that of each object.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>The table whose archived rows come back: name, schema.name, OID, or a row of a cmdlet. Default: the one whose retention policy fills -ArchiveTable.</summary>
    [Parameter(ParameterSetName = TableSet, Position = 0, Mandatory = true)]
    [Parameter(ParameterSetName = ArchiveTableSet, Position = 0)]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    [DbObject]
    public DbObjectReference[]? Table { get; set; }

    /// <summary>The archive table, where no retention policy names it: name, schema.name, OID, or a row of a cmdlet.</summary>
    [Parameter(ParameterSetName = ArchiveTableSet, Mandatory = true)]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNull]
    [DbObject]
    public DbObjectReference? ArchiveTable { get; set; }

    /// <summary>The column of the archive table that tells the rows' time. Default: that of the retention policy.</summary>
    [Parameter(ParameterSetName = TableSet)]
    [Parameter(ParameterSetName = ArchiveTableSet)]
    [ArgumentCompleter(typeof(TimeColumnCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TimeColumn { get; set; }

    /// <summary>Manifests of archives in the archive store, by their names in it.</summary>
    [Parameter(ParameterSetName = ManifestSet, Mandatory = true)]
    [ArgumentCompleter(typeof(ManifestCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Manifest { get; set; }

    /// <summary>What Invoke-DbRetention has archived.</summary>
    [Parameter(ParameterSetName = ObjectSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [Kept]
    public RetentionResult? InputObject { get; set; }

    /// <summary>The table that the rows come back into, named in the same ways (name, OID or row); it must exist. Default: the table that they left.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNull]
    [DbObject]
    public DbObjectReference? Destination { get; set; }

    /// <summary>Only rows of this time or later: a time, or how long ago, in quotes, such as '200d'. Default: no limit.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset? From { get; set; }

    /// <summary>Only rows before this time, given in the same way, such as '100d'. Default: no limit.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset? To { get; set; }

    /// <summary>Zone of a time column that has none, as an IANA name. Default: that of the policy, or UTC.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    /// <summary>Columns that are called otherwise by now: @{ archived = 'current' }. Default: none.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? ColumnMap { get; set; }

    /// <summary>Archived columns whose values need not come back. Default: none.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ColumnCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? IgnoreColumn { get; set; }

    /// <summary>Leaves rows in the archive whose key the table has already, and counts them. Default: off; such a key is an error.</summary>
    [Parameter]
    public SwitchParameter SkipExisting { get; set; }

    /// <summary>Restores what is on record as restored before, and goes on without an index on the time column of a large archive table. Default: off.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Proves for each batch or file, before it is committed, that what arrived is what the archive holds: by count and by a checksum that does not depend on the order of rows. Default: off.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>Nothing is begun after this: a time, or 2h for two hours from now; and what still runs is stopped. Default: no end.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeadlineCompleter))]
    [TimeOrIn]
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>How long anybody may wait for us before we give way: a TimeSpan, or text such as 500ms. Default: 1 second.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? MaximumBlock { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (InputObject is { } piped)
        {
            _piped.Add(piped);
            return;
        }

        foreach (var table in Table ?? new DbObjectReference?[] { null })
        {
            var argument = table?.Target is { } its && Target is null ? [new TargetArgument(its)] : Target;
            await EachTargetAsync(Session.OrCurrent(argument), Options() with { Table = table, ArchiveTable = ArchiveTable, TimeColumn = TimeColumn, Manifests = Manifest ?? [] }, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        // Only now: Invoke-DbRetention holds its lock while it writes into the pipeline.
        foreach (var piped in _piped)
        {
            // What was not archived has nothing to bring back.
            if (OptionsFor(piped) is { } options)
            {
                await EachTargetAsync(Target ?? [new TargetArgument(piped.Target)], options, cancellationToken);
            }
        }
    }

    private async Task EachTargetAsync(IEnumerable<TargetArgument> targets, RestoreOptions options, CancellationToken cancellationToken)
    {
        foreach (var argument in targets)
        {
            try
            {
                await OneAsync(argument.Resolve(Session), options, cancellationToken);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    private async Task OneAsync(MaintenanceTarget target, RestoreOptions options, CancellationToken cancellationToken)
    {
        // The time of the call is in the deadline; planning has its own.
        var call = Call with { Timeout = null };
        var plan = await Engine.Restore.PlanAsync(target, options, call, cancellationToken);
        var confirmed = new List<RestoreResult>();
        foreach (var result in plan)
        {
            if (result.State != StepState.Planned || await ShouldProcessAsync(RestoreText.Subject(result), RestoreText.Question(result)))
            {
                confirmed.Add(result);
            }
        }

        var onlyShown = await IsWhatIfAsync();
        if (onlyShown || confirmed.TrueForAll(result => result.State != StepState.Planned))
        {
            foreach (var result in onlyShown ? plan : confirmed)
            {
                await WriteAsync(result);
            }

            return;
        }

        await foreach (var result in Engine.Restore.ExecuteAsync(target, confirmed, options, call, cancellationToken))
        {
            await WriteAsync(result);
        }
    }

    private async Task WriteAsync(RestoreResult result)
    {
        await WriteObjectAsync(result);
        if (result is { State: StepState.Failed, Error: { } error })
        {
            await WriteErrorAsync(new MaintenanceException(error, $"{result}. {result.Message}", result.Recommendation ?? ""), result);
        }
    }

    private RestoreOptions? OptionsFor(RetentionResult piped) => piped switch
    {
        { Manifest: { } manifest } => Options() with { Manifests = [manifest] },
        { Action: RetentionAction.ArchiveToTable, Destination: not null, Rows: > 0 } => Options() with
        {
            Table = new DbObjectReference(piped),
            ArchiveTable = new DbObjectReference(piped.Destination),
            TimeColumn = piped.Policy.TimeColumn,
        },
        _ => null,
    };

    private RestoreOptions Options()
    {
        DateTimeOffset? timeout = TimeoutSeconds > 0 ? TimeProvider.System.GetUtcNow().AddSeconds(TimeoutSeconds) : null;
        return new RestoreOptions
        {
            Destination = Destination,
            From = From,
            To = To,
            TimeZone = TimeZone,
            ColumnMap = ColumnMap is null ? new Dictionary<string, string>() : ColumnMap.Keys.Cast<object>().ToDictionary(key => key.ToString() ?? "", key => LanguagePrimitives.ConvertTo<string>(ColumnMap[key])),
            IgnoreColumns = IgnoreColumn ?? [],
            SkipExisting = SkipExisting,
            Force = Force,
            Verify = Verify,
            Deadline = timeout is null || Deadline < timeout ? Deadline : timeout,
            MaximumBlock = MaximumBlock,
        };
    }
}
