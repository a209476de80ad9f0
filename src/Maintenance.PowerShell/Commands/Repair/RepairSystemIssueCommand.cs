using System.Globalization;
using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Repair;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Repairs issues that carry a remedy, and measures whether it helped.</summary>
/// <remarks>
/// <para>Use it behind Find-SystemIssue, or behind any cmdlet whose findings carry a remedy. For each issue it measures whether it is still
/// there, shows exactly what would run, does it once you agree, waits until the effect can show (repair.settle), and measures again. Resolved
/// means that it was measured to be gone; otherwise the state is NotResolved, or Unknown where nothing could be measured.</para>
/// <para>What runs is made of the remedy's kind and parameters, which are checked; its command is only shown. So findings that were kept as JSON or
/// XML can be piped as well. Kinds are DeployFunction, OptimizePerformance, EndIdleSessions, ResolveLowComplianceIssues, DropInvalidIndex, Vacuum,
/// FreezeTable and Custom (a program of repair.remedies); others are refused with what to do by hand. docs/repairs.md tells what each does.</para>
/// <para>Refused are remedies above -MaximumRisk, more than -MaximumActions in a run, remedies that did not help or failed within repair.coolDown (6 h), and
/// those that helped three times within it while the issue came back. -Force skips this rest alone. Without a history nobody knows what was
/// tried: then remedies of risk High need -Force. Functions are deployed only from the one revision that repair.functionDeployment names.</para>
/// <para>One repair at a time for each target. It asks before sessions end, functions are deployed, or anything of risk High; before the others where
/// $ConfirmPreference says so. Everything is kept in the history, also what failed or was cancelled: a remedy that was cancelled is Unknown.</para>
/// <para>Privileges: pg_monitor to measure, and what the remedy itself needs: pg_signal_backend to end sessions, ownership of an index or table. It
/// changes what the remedy says and nothing else; -WhatIf shows the exact step, and what would undo it.</para>
/// </remarks>
/// <example>
/// <code>Find-SystemIssue | Repair-SystemIssue -WhatIf</code>
/// <para>Shows exactly what would be done about what is wrong, and does nothing.</para>
/// </example>
/// <example>
/// <code>Find-SystemIssue | Repair-SystemIssue -MaximumRisk Low -Confirm:$false -Notify</code>
/// <para>Does what nobody would notice without asking, and tells people what it came to and what is left to them.</para>
/// </example>
/// <example>
/// <code>(Get-DbHealth).Findings | Repair-SystemIssue -ScriptBlock { param($Finding) "Would look at $($Finding.Subject)." } -ScriptTimeout 1m</code>
/// <para>Uses a remedy of your own for whatever is found, and measures whether it helped where that is possible.</para>
/// </example>
/// <example>
/// <code>(Get-DbHealth).Findings | Repair-SystemIssue -WhatIf | Where-Object State -eq Refused | Format-List FindingId, Message, Recommendation</code>
/// <para>Shows what is left to people, and what they can do.</para>
/// </example>
/// <seealso cref="FindSystemIssueCommand"/>
/// <seealso cref="StopDbSessionCommand"/>
/// <seealso cref="InvokeDbVacuumCommand"/>
[Cmdlet(VerbsDiagnostic.Repair, "SystemIssue", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SystemRepair))]
public sealed class RepairSystemIssueCommand : MaintenanceCmdlet
{
    private readonly Dictionary<string, Run> _runs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Findings, or what carries them. Those that passed, are accepted or fixed are left out.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [RevivedFindings]
    [ValidateNotNullOrEmpty]
    public Finding[] InputObject { get; set; } = [];

    /// <summary>The maintained system. Default: where the issue was found, or the one connected last.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNull]
    public TargetArgument? Target { get; set; }

    /// <summary>Remedies of a higher risk are refused. Default: Medium.</summary>
    [Parameter]
    public RemedyRisk MaximumRisk { get; set; } = RemedyRisk.Medium;

    /// <summary>How many remedies are carried out at the most, for each target. Default: 5, or repair.maximumActions of the configuration.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int MaximumActions { get; set; }

    /// <summary>How long one waits at the most for a remedy to show its effect: a TimeSpan, 2m or 00:02:00. Default: four times repair.settle.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Wait { get; set; }

    /// <summary>A remedy of your own in place of the finding's, which it gets as its argument. It runs in this session. Default: none.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>
    /// How long the script block may take for one issue: a TimeSpan, 2m or 00:02:00. It is stopped between two of its commands; a call into .NET that
    /// cannot be interrupted is waited for to its end. Default: 5 minutes.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan ScriptTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Carries out remedies that did not help a short while ago, or of which nobody knows whether they did. Still asks, and skips nothing else. Default: they are refused.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Tells people at the end, one message for each target: what was resolved, and what is left to them. Default: nobody is told.</summary>
    [Parameter]
    public SwitchParameter Notify { get; set; }

    /// <summary>Channel for -Notify. What remains and is critical goes to the second channel (alerts.escalationChannel, Emergency) as well. Default: Default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ChannelCompleter))]
    [ValidateNotNullOrEmpty]
    public string Channel { get; set; } = "Default";

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        if (Wait < TimeSpan.Zero || Wait > TimeSpan.FromHours(1) || ScriptTimeout <= TimeSpan.Zero || ScriptTimeout > TimeSpan.FromDays(1))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "-Wait takes a duration of at most an hour, and -ScriptTimeout one of at most a day.", "For example: -Wait 2m -ScriptTimeout 10m.");
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var finding in InputObject)
        {
            if (finding.Outcome == FindingOutcome.Pass || finding.State is FindingState.Accepted or FindingState.Fixed)
            {
                Call.Sink.Verbose($"{finding.Id} is left out: it is {finding.Verdict()}.");
                continue;
            }

            try
            {
                var target = (Target ?? (finding.Target is { } name ? new TargetArgument(name) : Session.OrCurrent(null)[0])).Resolve(Session);
                await RepairAsync(target, finding, cancellationToken);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, finding);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var (target, message) in Notify ? _runs.Values.SelectMany(run => RepairService.Summarize(run.Target, run.Issues, Channel).Select(message => (run.Target, message))) : [])
        {
            try
            {
                // What nothing was done about yet has come to nothing that could be told.
                var what = await IsWhatIfAsync() ? "Send one notification of what was resolved, and what is left to people" : $"Send the notification '{message.Title}'";
                if (await ShouldProcessAsync(ConfirmImpact.Low, $"{target.Name}: {message.Channel}", what))
                {
                    await WriteLostAsync(target, await Engine.Notifications.SendAsync(target, message, Call, cancellationToken));
                }
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, target.Name);
            }
        }
    }

    private async Task RepairAsync(MaintenanceTarget target, Finding finding, CancellationToken cancellationToken)
    {
        if (!_runs.TryGetValue(target.Name, out var run))
        {
            _runs[target.Name] = run = new Run(target);
        }

        try
        {
            var (repair, reason) = await RepairAsync(run, finding, cancellationToken);
            run.Issues.Add(new RepairedIssue(finding, repair, Reason: reason));
            if (repair is not null)
            {
                await WriteObjectAsync(repair);
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // It was found all the same, and stands.
            run.Issues.Add(new RepairedIssue(finding, null, Reason: exception.Message));
            throw;
        }
    }

    // What came of it, or why nothing was tried.
    private async Task<(SystemRepair? Repair, string? Reason)> RepairAsync(Run run, Finding finding, CancellationToken cancellationToken)
    {
        var options = Options(run.CarriedOut);
        var plan = await Engine.Repairs.PlanAsync(run.Target, finding, options, Call, cancellationToken);
        if (plan.Decided is { } decided)
        {
            return (await IsWhatIfAsync() ? decided : await Engine.Repairs.ExecuteAsync(run.Target, plan, options, Call, cancellationToken), null);
        }

        if (await IsWhatIfAsync())
        {
            var before = RepairService.DoneBefore(plan, run.Planned);
            await ShouldProcessAsync(plan.Description, before is null ? plan.Action : Done(plan, before));
            // What would have been carried out takes its share of what a run may do, or more would be shown than would run.
            run.CarriedOut += before is null ? 1 : 0;
            run.Planned.Add(plan);
            return (null, null);
        }

        if (!await ShouldProcessAsync((ConfirmImpact)((int)plan.Impact + 1), plan.Description, plan.Action))
        {
            return (null, "Whoever was asked said no.");
        }

        var repair = await Engine.Repairs.ExecuteAsync(run.Target, plan, options, Call, cancellationToken);
        run.CarriedOut += repair.State is RepairState.Refused or RepairState.AlreadyGone ? 0 : 1;
        return (repair, null);
    }

    private static string Done(RepairPlan plan, RepairPlan before) => string.Create(
        CultureInfo.InvariantCulture,
        $"Nothing: the {(plan.Steps.Count == 1 ? "session" : $"{plan.Steps.Count} sessions")} it would end {(plan.Steps.Count == 1 ? "is" : "are")} ended by the remedy of {before.Finding.Id} before. If that does not end {(plan.Steps.Count == 1 ? "it" : "them")}, this one does");

    private RepairOptions Options(int actionsDone) => new()
    {
        MaximumRisk = MaximumRisk,
        MaximumActions = MyInvocation.BoundParameters.ContainsKey(nameof(MaximumActions)) ? MaximumActions : null,
        ActionsDone = actionsDone,
        Force = Force,
        Wait = MyInvocation.BoundParameters.ContainsKey(nameof(Wait)) ? Wait : null,
        Script = ScriptBlock is null ? null : RunScriptAsync,
        ScriptText = ScriptBlock?.ToString().Trim() ?? "",
        ScriptTimeout = ScriptTimeout,
    };

    private async Task<string> RunScriptAsync(Finding finding, CancellationToken cancellationToken)
    {
        var (output, failure) = await OnPipelineAsync(() => ScriptRunner.Run(ScriptBlock!, finding, cancellationToken));
        return failure is null ? output : throw failure;
    }

    /// <summary>What is done for one target.</summary>
    private sealed class Run(MaintenanceTarget target)
    {
        public MaintenanceTarget Target { get; } = target;

        public List<RepairedIssue> Issues { get; } = [];

        /// <summary>With -WhatIf: what would have been done.</summary>
        public List<RepairPlan> Planned { get; } = [];

        public int CarriedOut { get; set; }
    }
}
