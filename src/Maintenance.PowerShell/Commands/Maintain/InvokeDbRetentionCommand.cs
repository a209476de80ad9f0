using System.Collections;
using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Deletes, archives or anonymises the rows that are past their age, each exactly once.</summary>
/// <remarks>
/// <para>
/// Use it at night, before tables are vacuumed; Invoke-DbMaintenance does so by itself. What happens to which rows, and when, is said by
/// retention policies: those in maintenance.json, policies from the pipeline, or one in the parameters of the call. Each names a table,
/// its time column and an age; and whether rows are deleted, move to a table or to files in the archive store, or lose what tells of a
/// person. Restore-DbArchive brings archived rows back.
/// </para>
/// <para>
/// The plan counts the rows that are due, exactly. The cut-off is taken once from the server's clock. Rows then go in ranges of time,
/// oldest first, each range one statement in one transaction, so a row that somebody changes meanwhile moves in its newest version or
/// stays. The size of a batch adapts to a time of 30 ms (BatchTarget of a policy). Rows whose time is null or infinite have no age and stay. Rows
/// for which the legal hold of a policy is true are never touched. It can be stopped at any time: what is done is done, and the next
/// run goes on.
/// </para>
/// <para>
/// A policy is checked before anything is touched. It is refused if the time column is none, if row security would hide rows, if the
/// archive lacks a column or could lose part of a value; and, unless -Force is given, if there is no index on the time column, or if
/// other tables would lose rows along. The result then says what to run. A failed policy is an error and an object, and does not stop
/// the others.
/// </para>
/// <para>
/// It takes ROW EXCLUSIVE, which lets everybody read and write, and locks the rows of one batch. A second connection watches whether
/// anybody waits for it, and cancels the batch after -MaximumBlock. A second run on the same database is refused with AlreadyRunning.
/// </para>
/// <para>
/// Partitions of a table that is divided by range of its time column go whole if every row in them is past its age: they are detached
/// CONCURRENTLY, which lets everybody read and write, and then dropped, or attached to an archive that is divided by the same key. Where
/// that cannot be done their rows go in batches, and the notes of the result say why. What a run could not bring to its end, the next begins with.
/// </para>
/// <para>Privileges: SELECT and DELETE on the table (SELECT and UPDATE to anonymise), INSERT and SELECT on the archive table, and BYPASSRLS or ownership
/// where the table has row security. Partitions go whole for the owner of their table and of the archive. What is missing is named with its GRANT. It
/// changes the tables of its policies: rows past their age are deleted, moved or anonymised, and what is deleted is gone; -WhatIf counts them
/// first.</para>
/// </remarks>
/// <example>
/// <code>Invoke-DbRetention -WhatIf</code>
/// <para>Shows for each policy of the target how many rows are due, the exact SQL, the lock and how long it is expected to take; and
/// gives the plan as objects.</para>
/// </example>
/// <example>
/// <code>Invoke-DbRetention -Confirm:$false -Verify</code>
/// <para>Carries out the policies of the target, and proves for each batch that what arrived is what left.</para>
/// </example>
/// <example>
/// <code>Invoke-DbRetention -Table performance_alerts -TimeColumn created_at -OlderThan 30d -WhatIf</code>
/// <para>Shows what a policy would do that is written down nowhere yet.</para>
/// </example>
/// <example>
/// <code>
/// @{ Table = 'error_logs'; TimeColumn = 'timestamp'; Age = '90d'; Action = 'ArchiveToTable'; Destination = 'error_logs_archive' } |
///     Invoke-DbRetention -Confirm:$false
/// </code>
/// <para>Moves the error logs that are older than 90 days into another table.</para>
/// </example>
/// <seealso cref="RestoreDbArchiveCommand"/>
/// <seealso cref="InvokeDbMaintenanceCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "DbRetention", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = TargetSet)]
[OutputType(typeof(RetentionResult))]
public sealed class InvokeDbRetentionCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string PolicySet = "Policy";
    private const string SingleSet = "Single";

    private readonly List<RetentionPolicy> _piped = [];

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last.</summary>
    [Parameter(ParameterSetName = TargetSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = PolicySet)]
    [Parameter(ParameterSetName = SingleSet)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Policies instead of those of the target: RetentionPolicy objects, or tables of their settings.</summary>
    [Parameter(ParameterSetName = PolicySet, Mandatory = true, ValueFromPipeline = true)]
    [RetentionPolicy]
    [ValidateNotNullOrEmpty]
    public RetentionPolicy[]? Policy { get; set; }

    /// <summary>Only policies for these tables: names, schema.name, OIDs, or rows of a cmdlet; with -TimeColumn, the table of the policy in this call. Default: every policy.</summary>
    [Parameter(ParameterSetName = TargetSet, Position = 0)]
    [Parameter(ParameterSetName = PolicySet)]
    [Parameter(ParameterSetName = SingleSet, Position = 0, Mandatory = true)]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    [DbObject]
    public DbObjectReference[]? Table { get; set; }

    /// <summary>The column that tells a row's age: timestamptz, timestamp or date.</summary>
    [Parameter(ParameterSetName = SingleSet, Mandatory = true)]
    [ArgumentCompleter(typeof(TimeColumnCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TimeColumn { get; set; }

    /// <summary>Rows older than this are due: a TimeSpan, or text such as 90d.</summary>
    [Parameter(ParameterSetName = SingleSet, Mandatory = true)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan OlderThan { get; set; }

    /// <summary>What happens to the rows. Default: Delete.</summary>
    [Parameter(ParameterSetName = SingleSet)]
    public RetentionAction Action { get; set; }

    /// <summary>Where they go: a table for ArchiveToTable, a folder of the archive store for ArchiveToBlob. Default: for ArchiveToBlob a folder named after the table.</summary>
    [Parameter(ParameterSetName = SingleSet)]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>An SQL condition; rows for which it is true are never touched. Tables in it need their schema. Default: none.</summary>
    [Parameter(ParameterSetName = SingleSet)]
    [ValidateNotNullOrEmpty]
    public string? LegalHold { get; set; }

    /// <summary>For Anonymise, what each column is overwritten with: Null, Redact or Pseudonym. Default: none.</summary>
    [Parameter(ParameterSetName = SingleSet)]
    [ValidateNotNull]
    public IDictionary? Anonymise { get; set; }

    /// <summary>Zone of a time column that has none, as an IANA name. Default: UTC.</summary>
    [Parameter(ParameterSetName = SingleSet)]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    [ValidateNotNullOrEmpty]
    public string TimeZone { get; set; } = "UTC";

    /// <summary>Goes on without an index on the time column, and where other tables lose rows along. It skips no check that keeps rows safe. Default: off.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Proves for each batch, before it is committed, that what arrived is what left: by count and by a checksum that does not depend on the order of rows. Default: off.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>No batch is begun after this: a time, or 2h for two hours from now; and what still runs is stopped. Default: no end.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeadlineCompleter))]
    [TimeOrIn]
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>How long anybody may wait for us before a batch is cancelled: a TimeSpan, or text such as 500ms. Default: 1 second.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? MaximumBlock { get; set; }

    /// <summary>Allows ACCESS EXCLUSIVE on a partitioned table for a moment, where its DEFAULT partition keeps others from being detached CONCURRENTLY. Default: off; their rows go in batches.</summary>
    [Parameter]
    public SwitchParameter AllowAccessExclusive { get; set; }

    /// <summary>Only what an earlier run put off. Default: everything that is due.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Policy is not null)
        {
            _piped.AddRange(Policy);
            return;
        }

        await AllAsync(TimeColumn is null ? [] : [Single()], cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_piped.Count > 0)
        {
            // Together, so that their order can be kept.
            await AllAsync(_piped, cancellationToken);
        }
    }

    private async Task AllAsync(IReadOnlyList<RetentionPolicy> policies, CancellationToken cancellationToken)
    {
        foreach (var argument in Session.OrCurrent(Target))
        {
            try
            {
                await OneAsync(argument.Resolve(Session), Options(policies), cancellationToken);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    private async Task OneAsync(MaintenanceTarget target, RetentionOptions options, CancellationToken cancellationToken)
    {
        // The time of the call is in the deadline; planning has its own.
        var call = Call with { Timeout = null };
        var plan = await Engine.Retention.PlanAsync(target, options, call, cancellationToken);
        var confirmed = new List<RetentionResult>();
        foreach (var result in plan)
        {
            if (result.State != StepState.Planned || await ShouldProcessAsync(RetentionText.Subject(result), RetentionText.Question(result)))
            {
                confirmed.Add(result);
            }
        }

        var onlyShown = await IsWhatIfAsync();
        if (onlyShown || confirmed.TrueForAll(result => result.State != StepState.Planned && confirmed.Count < plan.Count))
        {
            foreach (var result in onlyShown ? plan : confirmed)
            {
                await WriteAsync(result);
            }

            return;
        }

        await foreach (var result in Engine.Retention.ExecuteAsync(target, confirmed, options, call, cancellationToken))
        {
            await WriteAsync(result);
        }
    }

    private async Task WriteAsync(RetentionResult result)
    {
        await WriteObjectAsync(result);
        if (result is { State: StepState.Failed, Error: { } error })
        {
            await WriteErrorAsync(new MaintenanceException(error, $"{result}. {result.Message}", result.Recommendation ?? ""), result);
        }
    }

    private RetentionPolicy Single() => new()
    {
        Table = Table is [var only] ? Quote(only) : throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "A policy is for one table.", "Give one -Table, or policies from the pipeline."),
        TimeColumn = TimeColumn!,
        Age = OlderThan,
        Action = Action,
        Destination = Destination,
        LegalHold = LegalHold,
        Anonymise = RetentionPolicyAttribute.ToMethods(Anonymise),
        TimeZone = TimeZone,
    };

    private static string Quote(DbObjectReference reference)
    {
        var name = reference.Name ?? throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "A policy names its table.", "Give -Table a name instead of an OID.");
        return reference.Schema is { } schema ? $"{Part(schema)}.{Part(name)}" : Part(name);

        static string Part(string text) => text.All(character => char.IsAsciiLetterOrDigit(character) || character == '_') ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private RetentionOptions Options(IReadOnlyList<RetentionPolicy> policies)
    {
        DateTimeOffset? timeout = TimeoutSeconds > 0 ? TimeProvider.System.GetUtcNow().AddSeconds(TimeoutSeconds) : null;
        return new RetentionOptions
        {
            Policies = policies,
            Tables = TimeColumn is null ? Table ?? [] : [],
            Force = Force,
            Verify = Verify,
            Deadline = timeout is null || Deadline < timeout ? Deadline : timeout,
            MaximumBlock = MaximumBlock,
            AllowAccessExclusive = AllowAccessExclusive,
            Resume = Resume,
        };
    }
}
