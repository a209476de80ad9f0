using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Audits the configuration of Azure resources: what is open that should not be, and what could not be looked at.</summary>
/// <remarks>
/// <para>Use it in monthly audits of systems that have something in Azure. It asks Azure Resource Manager about storage accounts, key vaults, network security
/// groups, flexible servers of Azure Database for PostgreSQL, managed identities of apps and machines, and owners of the subscription, and gives a finding for
/// each thing that is wrong, with the evidence, what to do, and the section of the CIS Microsoft Azure Foundations Benchmark that asks for it.</para>
/// <para>It signs in as you or the machine are signed in: environment, workload identity, managed identity, az login, Connect-AzAccount. Where nobody is, each
/// check is Manual after ten seconds at most; what the identity may not read is NotPermitted, with the role to assign; what does not answer in time is Unknown, and hides
/// nothing else. None of these is ever taken for well.
/// The subscription comes from security.azure in the configuration file, or from -SubscriptionId.</para>
/// <para>Privileges: the role Reader on the subscription or the resource group; owners are counted on the subscription. It needs no access to data: no
/// blob, key, secret or database is read. It changes nothing, and sends GET requests only. Commands in recommendations are for you to read and
/// run.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">180</default>
/// <example>
/// <code>Get-AzureSecurityFinding</code>
/// <para>Audits the subscription that is configured for the connected target, the worst first.</para>
/// </example>
/// <example>
/// <code>Get-AzureSecurityFinding -SubscriptionId 00000000-0000-0000-0000-000000000000 -ResourceGroup rg-app -MinimumSeverity High | Format-List</code>
/// <para>Shows what cannot wait in one resource group, with evidence and commands.</para>
/// </example>
/// <example>
/// <code>Get-AzureSecurityFinding -Id AZURE-PG-*, AZURE-NSG-*</code>
/// <para>Looks at who reaches the database servers.</para>
/// </example>
/// <example>
/// <code>Get-AzureSecurityFinding -All | Group-Object Outcome</code>
/// <para>Counts what came of the checks.</para>
/// </example>
/// <seealso cref="GetDbSecurityFindingCommand"/>
[Cmdlet(VerbsCommon.Get, "AzureSecurityFinding")]
[OutputType(typeof(Finding))]
public sealed class GetAzureSecurityFindingCommand : TargetCmdlet
{
    /// <summary>Ids of the checks that are wanted, such as AZURE-STORAGE-TLS. Default: all.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(AzureCheckCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Id of the subscription. Default: the one that is configured (security.azure.subscriptionId).</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AzureSubscriptionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SubscriptionId { get; set; }

    /// <summary>Name of a resource group, to look at nothing else. Default: the one that is configured with the subscription, else all.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AzureResourceGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ResourceGroup { get; set; }

    /// <summary>The least severity that is wanted; what could not be checked counts as much as it could have been. Default: Info.</summary>
    [Parameter]
    public FindingSeverity MinimumSeverity { get; set; }

    /// <summary>Also gives a finding with outcome Pass for each check that found nothing wrong. Default: only what is wrong or could not be checked.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var query = new AzureSecurityQuery
        {
            Ids = Wildcards.Matcher(Id),
            SubscriptionId = SubscriptionId,
            ResourceGroup = ResourceGroup,
            MinimumSeverity = MinimumSeverity,
            IncludePassed = All,
        };
        foreach (var finding in await Engine.AzureSecurity.AuditAsync(target, query, Call, cancellationToken))
        {
            await WriteObjectAsync(finding);
        }
    }
}
