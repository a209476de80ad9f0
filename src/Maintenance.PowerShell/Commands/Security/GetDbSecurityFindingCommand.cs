using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Security;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Audits the catalogue of a database and the settings of its server: what is open that should not be, and what could not be checked.</summary>
/// <remarks>
/// <para>Use it after changes of the schema, and in monthly audits. It gives a finding for each thing that is wrong, with the evidence, a statement that
/// would mend it, and the sections of the CIS PostgreSQL 17 Benchmark and the articles of the GDPR that ask for it. You read FixSql and decide.</para>
/// <para>What the role may not read is a finding of its own, with outcome NotPermitted and the GRANT in FixSql; what only a person can tell has outcome Manual.
/// Neither is ever taken for well. -All tells the checks that found nothing too.</para>
/// <para>Strangers are PUBLIC and, where they exist, the roles anon and authenticated, or those you name. What they reach is computed through grants, columns,
/// memberships (with PostgreSQL 16's inherit and set options) and schemas. Secrets in functions, comments, settings and jobs are found by form and entropy; no
/// finding ever shows one.</para>
/// <para>Privileges: connecting to the database is enough for most checks; pg_monitor adds the hidden settings. pg_hba.conf, kinds of passwords,
/// subscriptions, jobs and foreign logins need grants of their own, which the findings name. No superuser is needed. It changes nothing, and reads a
/// database in one round trip.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60</default>
/// <example>
/// <code>Get-DbSecurityFinding</code>
/// <para>Audits the connected database and its server, the worst first.</para>
/// </example>
/// <example>
/// <code>Get-DbSecurityFinding -MinimumSeverity High | Format-List</code>
/// <para>Shows what cannot wait, with evidence and fix.</para>
/// </example>
/// <example>
/// <code>(Get-DbSecurityFinding -Id DBSEC-RLS-*, DBSEC-POLICY-*).FixSql | Set-Content ./row-security.sql</code>
/// <para>Writes the statements that would mend row security, for somebody to read and run.</para>
/// </example>
/// <example>
/// <code>Get-DbSecurityFinding -Database * -All | Group-Object Outcome</code>
/// <para>Audits every database of the server that the role may connect to, and counts what came of the checks.</para>
/// </example>
/// <example>
/// <code>Get-DbSecurityFinding | Where-Object Outcome -eq NotPermitted | ForEach-Object FixSql</code>
/// <para>Lists the grants with which the audit could see the rest.</para>
/// </example>
/// <seealso cref="TestMaintenanceConfigurationCommand"/>
[Cmdlet(VerbsCommon.Get, "DbSecurityFinding")]
[OutputType(typeof(Finding))]
public sealed class GetDbSecurityFindingCommand : TargetCmdlet
{
    /// <summary>Ids of the checks that are wanted, such as DBSEC-RLS-OFF; one that no check has is an error. Default: all.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(SecurityCheckCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Names of databases of the same server to audit. Findings about the server come once. Default: the connected one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ServerDatabaseCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Database { get; set; }

    /// <summary>Schemas that others reach; one that is in none of the databases is an error. Default: those that PostgREST is configured with, else public where there is a role anon, else all but the system's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Schema { get; set; }

    /// <summary>Roles that strangers can act as, besides PUBLIC; one that is not there is an error. Default: anon and authenticated, where there are such.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [ValidateNotNull]
    public string[]? UntrustedRole { get; set; }

    /// <summary>The least severity that is wanted; what could not be checked counts as much as it could have been. Default: Info.</summary>
    [Parameter]
    public FindingSeverity MinimumSeverity { get; set; }

    /// <summary>Also gives a finding with outcome Pass for each check that found nothing wrong. Default: only what is wrong or could not be checked.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        if (Id.FirstOrDefault(id => !DbSecurityService.Checks.Select(check => check.Id).Any(Wildcards.Matcher(id))) is { } unknown)
        {
            throw DbSecurityService.NoSuchCheck(unknown);
        }

        var query = new SecurityAuditQuery
        {
            Ids = Wildcards.Matcher(Id),
            Databases = Database is null ? null : Wildcards.Matcher(Database),
            Schemas = Schema,
            UntrustedRoles = UntrustedRole,
            MinimumSeverity = MinimumSeverity,
            IncludePassed = All,
        };
        foreach (var finding in await Engine.SecurityAudit.AuditAsync(target, query, Call, cancellationToken))
        {
            await WriteObjectAsync(finding);
        }
    }
}
