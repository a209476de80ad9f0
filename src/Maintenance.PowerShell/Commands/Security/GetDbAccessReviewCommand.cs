using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Reviews who has access to a database server: its roles, what they may do, what they own, and when they were seen last.</summary>
/// <remarks>
/// <para>Use it in monthly reviews, and daily to know more: PostgreSQL keeps no time of the last login. Each run looks at who is connected (pg_stat_activity) and at how
/// many statements each role has run (pg_stat_statements, where it is installed), and keeps that as a sample in the target's history, one in 5 minutes at most. What is not
/// known is Unknown: a role is Inactive only if it was watched for all of the time and closely enough (30 samples and no gap longer than a twelfth of the time).
/// Statements only ever show that a role was active: logins that run none, and statements that fail, are not counted. ActivityNote says what it rests on.</para>
/// <para>Kind tells persons from programs by security.serviceAccounts of the configuration; without it, a role that can log in is a Login. Memberships are followed
/// with PostgreSQL 16's inherit, set and admin options. Owned tells the objects in every database of the server; Privileges what was granted directly, in the connected database by
/// privilege. Supabase's accounts (auth.users) come as one more record, with counts and nothing about anybody.</para>
/// <para>-Finding gives the findings instead (ids ACCESS-*), passed checks and those that only a person can make among them, as the monthly audit takes them. What
/// Get-DbSecurityFinding tells of roles is not told again.</para>
/// <para>Privileges: connecting is enough for roles, memberships, owners, privileges, and who is connected. pg_monitor adds since when sessions of others
/// are idle, and from how many addresses they come. Counting auth.users takes SELECT on some of its columns, and to be past its row security; a finding
/// says the grant. It changes nothing but the history, which keeps the sample; with -NoSample nothing at all.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60</default>
/// <example>
/// <code>Get-DbAccessReview</code>
/// <para>Shows the roles of the connected server, and when each was seen last.</para>
/// </example>
/// <example>
/// <code>Get-DbAccessReview | Where-Object Activity -eq Inactive | ForEach-Object { $_.Findings.FixSql }</code>
/// <para>Writes the statements that would disable the roles that were not active for 90 days, for somebody to read and run.</para>
/// </example>
/// <example>
/// <code>Get-DbAccessReview app*, report* -InactiveAfter 30.00:00:00 | Format-List</code>
/// <para>Shows some roles with memberships, privileges and what is known of their activity, by a stricter limit.</para>
/// </example>
/// <example>
/// <code>Get-DbAccessReview | Where-Object AdminRights | Sort-Object LastActivityAt</code>
/// <para>Lists who has an administrator's rights or can take them, those not seen for longest first.</para>
/// </example>
/// <example>
/// <code>Get-DbAccessReview -Finding | Where-Object Outcome -eq Manual</code>
/// <para>Lists what only a person can tell.</para>
/// </example>
/// <seealso cref="GetDbSecurityFindingCommand"/>
/// <seealso cref="GetDbSessionCommand"/>
[Cmdlet(VerbsCommon.Get, "DbAccessReview", DefaultParameterSetName = RoleSet)]
[OutputType(typeof(DbAccessReview), ParameterSetName = [RoleSet])]
[OutputType(typeof(Finding), ParameterSetName = [FindingSet])]
public sealed class GetDbAccessReviewCommand : TargetCmdlet
{
    private const string RoleSet = "Role";
    private const string FindingSet = "Finding";

    /// <summary>Names of the roles that are wanted. All are looked at whichever are wanted. Default: all.</summary>
    [Parameter(Position = 0, ParameterSetName = RoleSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Role { get; set; } = ["*"];

    /// <summary>After how long without activity a role, or an account of the application, is inactive, such as 30d: more than nothing, at most 3650 days. Default: security.inactiveAfter of the configuration, else 90 days.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? InactiveAfter { get; set; }

    /// <summary>Tells PostgreSQL's own roles too, such as pg_monitor. Default: only if they are named.</summary>
    [Parameter(ParameterSetName = RoleSet)]
    public SwitchParameter IncludeSystem { get; set; }

    /// <summary>Gives what the checks came to instead of the roles. Default: the roles, each with its findings.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FindingSet)]
    public SwitchParameter Finding { get; set; }

    /// <summary>Reads the history and keeps nothing in it. Default: the run is kept as a sample of who is active.</summary>
    [Parameter]
    public SwitchParameter NoSample { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var (fits, namesSystem) = (Wildcards.Matcher(Role), Wildcards.Matcher(Role.Where(name => name.StartsWith("pg_", StringComparison.OrdinalIgnoreCase))));
        var (roles, findings) = await Engine.AccessReviews.ReviewAsync(target, new DbAccessQuery { InactiveAfter = InactiveAfter, NoSample = NoSample }, Call, cancellationToken);
        if (Finding)
        {
            foreach (var finding in findings)
            {
                await WriteObjectAsync(finding);
            }

            return;
        }

        // PostgreSQL's own are begun by name, not swept up by *.
        foreach (var role in roles.Where(role => fits(role.Role) && (role.Kind != DbAccountKind.System || IncludeSystem || namesSystem(role.Role))))
        {
            await WriteObjectAsync(role);
        }

        foreach (var name in Role.Where(name => Wildcards.IsPlain(name) && !roles.Any(role => role.Role.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            await WriteErrorAsync(
                new MaintenanceException(MaintenanceErrorCode.ObjectNotFound, $"There is no role {name} on the server of '{target.Name}'.", "Check the name: Get-DbAccessReview without one lists them."),
                name);
        }
    }
}
