using System.Globalization;
using System.Text.Json;

namespace Maintenance.Engine.Security.Azure.Checks;

/// <summary>Who programs are, how they are reached, and who owns the subscription.</summary>
internal static class IdentityChecks
{
    /// <summary>Microsoft Defender for Cloud advises at most three owners.</summary>
    private const int Owners = 3;

    /// <summary>Id of the built-in role Owner, the same everywhere.</summary>
    private const string OwnerRole = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

    public static IReadOnlyList<AzureCheck> All { get; } =
    [
        new("AZURE-IDENTITY-WEB", "Web and function apps have a managed identity", FindingSeverity.Medium, AzureKind.WebApp, app => NoIdentity(app, "app", "webapp identity assign"))
        {
            Recommendation = "Give the app an identity, and the identity the roles it needs, in place of keys and passwords in its settings.",
            Cis = ["9.5"],
        },
        new("AZURE-IDENTITY-COMPUTE", "Container apps and virtual machines have a managed identity", FindingSeverity.Low, AzureKind.ContainerApp, Compute)
        {
            Recommendation = "Give it an identity if its programs use anything in Azure, in place of keys and passwords in its files.",
            AlsoKinds = [AzureKind.VirtualMachine],
        },
        new("AZURE-WEB-HTTPS", "Web and function apps refuse plain HTTP", FindingSeverity.Medium, AzureKind.WebApp, Https)
        {
            Recommendation = "Let the app redirect HTTP to HTTPS.",
            Cis = ["9.2"],
        },
        new("AZURE-OWNER-COUNT", "At most three principals own the subscription", FindingSeverity.Medium, AzureKind.Subscription, OwnerCount)
        {
            Recommendation = "Give the others the roles they need (Contributor for those who only change resources), or let them become owners for a time (Privileged Identity Management).",
        },
    ];

    private static IEnumerable<AzureFault> Compute(AzureResource resource) => resource.Kind == AzureKind.VirtualMachine
        ? NoIdentity(resource, "virtual machine", "vm identity assign")
        : NoIdentity(resource, "container app", "containerapp identity assign", "--system-assigned");

    private static IEnumerable<AzureFault> NoIdentity(AzureResource resource, string what, string command, string change = "")
    {
        _ = resource.Properties;
        return resource.Json.Text("identity.type") is var type && (type is null || type.Is("None"))
            ? [new(resource.Subject, $"The {what} {resource.Subject} has no managed identity.")
            {
                Evidence = new Dictionary<string, object?> { ["Identity"] = type ?? "none" },
                Command = AzCommand.For(resource, command, change)?.TrimEnd(),
            }]
            : [];
    }

    // Documented: left out means false.
    private static IEnumerable<AzureFault> Https(AzureResource app) => app.Properties.Flag("httpsOnly") != true
        ? [new(app.Subject, $"The app {app.Subject} answers plain HTTP.")
        {
            Evidence = new Dictionary<string, object?> { ["HttpsOnly"] = false },
            Command = AzCommand.For(app, "webapp update", "--https-only true"),
        }]
        : [];

    private static IEnumerable<AzureFault> OwnerCount(AzureResource subscription)
    {
        var assignments = subscription.Detail(AzureQueries.RoleAssignments);
        if (assignments.Count == 0)
        {
            // Somebody owns it. The service leaves out what the identity may not see.
            throw new AzureGapException(new AzureGap(FindingOutcome.Unknown, "the identity sees no role assignment, and no subscription is without one", "Give the identity the role Reader on the subscription."));
        }

        var owners = assignments
            .Where(assignment => Needed(assignment, "properties.roleDefinitionId").EndsWith($"/{OwnerRole}", StringComparison.OrdinalIgnoreCase))
            .Select(assignment => (Id: Needed(assignment, "properties.principalId"), Type: assignment.Text("properties.principalType") ?? "unknown"))
            .DistinctBy(owner => owner.Id)
            .ToList();
        return owners.Count > Owners
            ? [new("subscription", string.Create(CultureInfo.InvariantCulture, $"{owners.Count} principals own the subscription; members of groups count besides."))
            {
                Evidence = owners.GroupBy(owner => owner.Type, StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => (object?)group.Count()),
            }]
            : [];
    }

    private static string Needed(JsonElement assignment, string path) => assignment.Text(path) ?? throw new AzureGapException(AzureGap.Undocumented("a role assignment"));
}
