using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Finds what is wrong with a system right now, shows what was measured, and names a remedy where there is one.</summary>
/// <remarks>
/// <para>Use it when something is slow, fails or alarms, or every few minutes. It looks whether the database answers, and for errors above 5 %, responses above
/// 2 s with slow statements behind them, connections above 90 % and compliance below 95 over the last quarter of an hour, as functions tell and as the
/// database tells; and for blocking, idle transactions, wraparound, replication slots, invalid indexes, what autovacuum has left, what runs out, and alert
/// rules that fire.</para>
/// <para>Each finding has a stable id, the figures in Evidence, what to do next, and, where an action would remove the cause, a Remedy with the exact
/// command, its risk and what undoes it. Nothing is carried out: you decide, or give the findings to something that repairs.</para>
/// <para>What a function says is compared with what was measured. Where the two contradict each other the finding says so, and carries no remedy that
/// rests on one of them alone.</para>
/// <para>What could not be measured is a finding of its own with outcome Unknown or NotPermitted, and never has a remedy. So no output at all means that
/// everything was looked at and nothing is wrong; -All shows what was measured, and the information stream (-InformationAction Continue) has a line that
/// counts both. Parts that the target lists in excludedComponents are not looked at; -Verbose names them.</para>
/// <para>Privileges: pg_monitor for what other roles' sessions do and for replication; without it there are findings with outcome NotPermitted. Row
/// counts and indexes need no more than a login. The functions need their key. It changes nothing but snapshots of counters in the history. No more than
/// three probes look at the same time, so that a server short of connections is not asked for many.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60</default>
/// <example>
/// <code>Find-SystemIssue</code>
/// <para>Looks at the target connected last, and lists what is wrong, the worst first, then what could not be looked at.</para>
/// </example>
/// <example>
/// <code>Find-SystemIssue | Where-Object Remedy | Select-Object Id, Subject, @{ Name = 'Remedy'; Expression = { $_.Remedy.Command } }</code>
/// <para>Shows what could be repaired, and with which command.</para>
/// </example>
/// <example>
/// <code>Find-SystemIssue -Area Connections, Sessions -All | Format-List</code>
/// <para>Looks at connections and sessions alone, and shows the figures of what is well, too.</para>
/// </example>
/// <example>
/// <code>
/// Get-MaintenanceTarget |
///     Find-SystemIssue -MinimumSeverity High -InformationAction Continue
/// </code>
/// <para>Looks at each connected target for what cannot wait, and tells of each how much was looked at.</para>
/// </example>
/// <seealso cref="GetSystemHealthCommand"/>
/// <seealso cref="TestAlertRuleCommand"/>
[Cmdlet(VerbsCommon.Find, "SystemIssue")]
[OutputType(typeof(Finding))]
public sealed class FindSystemIssueCommand : TargetCmdlet
{
    /// <summary>Ids of the issues to look for, such as ISSUE-CONNECTIONS; one that no issue has is an error. Default: all.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(IssueCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Areas to look at, such as Errors or Sessions; one that no issue has is an error. Default: all.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(IssueAreaCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Area { get; set; } = ["*"];

    /// <summary>The least severity that is wanted; what could not be measured counts as much as it could have been. Default: Info.</summary>
    [Parameter]
    public FindingSeverity MinimumSeverity { get; set; }

    /// <summary>Also gives a finding with outcome Pass for each thing that was looked at and is well. Default: only what is wrong or could not be looked at.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var kinds = Engine.Issues.Kinds;
        if (Id.FirstOrDefault(id => !kinds.Select(kind => kind.Id).Any(Wildcards.Matcher(id))) is { } id)
        {
            throw Engine.Issues.NoSuchId(id);
        }

        if (Area.FirstOrDefault(area => !kinds.Select(kind => kind.Area).Any(Wildcards.Matcher(area))) is { } area)
        {
            throw Engine.Issues.NoSuchArea(area);
        }

        var selection = new IssueSelection { Ids = Wildcards.Matcher(Id), Areas = Wildcards.Matcher(Area), MinimumSeverity = MinimumSeverity, IncludePassed = true };
        var findings = await Engine.Issues.FindAsync(target, selection, Call, cancellationToken);
        foreach (var finding in findings.Where(finding => All || finding.Outcome != FindingOutcome.Pass))
        {
            await WriteObjectAsync(finding);
        }

        await WriteInformationAsync(Summary(target, findings));
    }

    // Silence has to be told apart from not having looked.
    private static string Summary(MaintenanceTarget target, IReadOnlyList<Finding> findings)
    {
        var wrong = findings.Where(finding => finding.Outcome == FindingOutcome.Fail).ToList();
        var passed = findings.Count(finding => finding.Outcome == FindingOutcome.Pass);
        var unknown = findings.Count - wrong.Count - passed;
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"'{target.Name}': {wrong.Count} issue(s) found, {wrong.Count(finding => finding.Remedy is not null)} of them with a remedy; {unknown} could not be told; {passed} check(s) found nothing wrong.");
    }
}
