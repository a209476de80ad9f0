using System.Text.Json;

namespace Maintenance.Engine.Security.Azure.Checks;

/// <summary>Key vaults: who may do what, from where, and what can be brought back.</summary>
internal static class VaultChecks
{
    private static readonly string[] Kinds = ["keys", "secrets", "certificates", "storage"];

    public static IReadOnlyList<AzureCheck> All { get; } =
    [
        new("AZURE-VAULT-RBAC", "Key vaults are opened by roles, not by policies of their own", FindingSeverity.Medium, AzureKind.Vault, Rbac)
        {
            Recommendation = "Give those who use the vault the roles they need (Key Vault Secrets User and the like), then change its permission model. Without the roles nobody gets in.",
            Cis = ["8.6"],
        },
        new("AZURE-VAULT-POLICY-BROAD", "Policies of key vaults allow what somebody needs, not everything", FindingSeverity.High, AzureKind.Vault, BroadPolicies)
        {
            Recommendation = "Allow the operations that are used (get and list for a program that reads secrets), and purge for nobody.",
        },
        new("AZURE-VAULT-PURGE-PROTECTION", "Nobody removes a key vault's secrets for good before their time", FindingSeverity.Medium, AzureKind.Vault, PurgeProtection)
        {
            Recommendation = "Turn purge protection on. It cannot be turned off again.",
            Cis = ["8.5"],
        },
        new("AZURE-VAULT-SOFT-DELETE", "Deleted key vaults and secrets can be brought back", FindingSeverity.High, AzureKind.Vault, SoftDelete)
        {
            Recommendation = "Turn soft delete on; Azure does so for every vault that is changed.",
            Cis = ["8.5"],
        },
        new("AZURE-VAULT-NETWORK", "Key vaults let in only networks that they name", FindingSeverity.Medium, AzureKind.Vault, Network)
        {
            Recommendation = "Let the firewall deny by default and name the networks that need it, or turn public access off and use private endpoints.",
        },
        new("AZURE-VAULT-PRIVATE-ENDPOINT", "Key vaults are reached through private endpoints", FindingSeverity.Low, AzureKind.Vault, PrivateEndpoint)
        {
            Recommendation = "Make a private endpoint in the network of those who use the vault, and turn public access off.",
            Cis = ["8.7"],
        },
    ];

    private static IEnumerable<AzureFault> Rbac(AzureResource vault) => UsesRoles(vault)
        ? []
        : [new(vault.Subject, $"The key vault {vault.Subject} is opened by access policies, which no review of roles shows.")
        {
            Evidence = new Dictionary<string, object?> { ["AccessPolicies"] = vault.Properties.Objects("accessPolicies").Count },
            Command = Update(vault, "--enable-rbac-authorization true"),
        }];

    // Policies of a vault that is opened by roles have no effect.
    private static IEnumerable<AzureFault> BroadPolicies(AzureResource vault)
    {
        if (UsesRoles(vault))
        {
            return [];
        }

        return vault.Properties.Objects("accessPolicies").Select(policy => Broad(vault, policy)).OfType<AzureFault>();
    }

    private static AzureFault? Broad(AzureResource vault, JsonElement policy)
    {
        var permissions = Kinds.Select(kind => (Kind: kind, Allowed: policy.Texts($"permissions.{kind}"))).ToList();
        var all = permissions.Where(one => one.Allowed.Any(operation => operation.Is("all"))).Select(one => one.Kind).ToList();
        var purge = permissions.Where(one => one.Allowed.Any(operation => operation.Is("purge"))).Select(one => one.Kind).ToList();
        if (all.Count == 0 && purge.Count == 0)
        {
            return null;
        }

        var who = policy.Text("objectId") ?? "an unnamed principal";
        return new AzureFault($"{vault.Subject}/{who}", all.Count > 0
            ? $"A policy of the key vault {vault.Subject} allows {who} everything with {string.Join(", ", all)}."
            : $"A policy of the key vault {vault.Subject} lets {who} remove {string.Join(", ", purge)} for good.")
        {
            Severity = all.Count > 0 ? FindingSeverity.High : FindingSeverity.Medium,
            Evidence = new Dictionary<string, object?> { ["Everything"] = string.Join(", ", all), ["Purge"] = string.Join(", ", purge) },
            Command = AzCommand.Of("az keyvault set-policy --name '{0}' --object-id '{1}' --secret-permissions get list", vault.Name, who),
        };
    }

    // Documented: only true or left out.
    private static IEnumerable<AzureFault> PurgeProtection(AzureResource vault) => vault.Properties.Flag("enablePurgeProtection") != true
        ? [new(vault.Subject, $"Whoever may purge can remove secrets of the key vault {vault.Subject} for good at any time.")
        {
            Evidence = new Dictionary<string, object?> { ["EnablePurgeProtection"] = false },
            Command = Update(vault, "--enable-purge-protection true"),
        }]
        : [];

    // Documented: left out means true.
    private static IEnumerable<AzureFault> SoftDelete(AzureResource vault) => vault.Properties.Flag("enableSoftDelete") == false
        ? [new(vault.Subject, $"What is deleted in the key vault {vault.Subject} is gone at once.") { Evidence = new Dictionary<string, object?> { ["EnableSoftDelete"] = false } }]
        : [];

    private static IEnumerable<AzureFault> Network(AzureResource vault) => PrivateEndpoints.IsOpen(vault.Properties)
        ? [new(vault.Subject, $"The key vault {vault.Subject} can be reached from every network.")
        {
            Evidence = PrivateEndpoints.Evidence(vault.Properties),
            Command = Update(vault, "--default-action Deny --bypass AzureServices"),
        }]
        : [];

    private static IEnumerable<AzureFault> PrivateEndpoint(AzureResource vault) => PrivateEndpoints.Approved(vault.Properties) == 0
        ? [new(vault.Subject, $"The key vault {vault.Subject} has no approved private endpoint.") { Evidence = PrivateEndpoints.Evidence(vault.Properties) }]
        : [];

    // Documented for the version that is asked: left out means false.
    private static bool UsesRoles(AzureResource vault) => vault.Properties.Flag("enableRbacAuthorization") == true;

    private static string? Update(AzureResource vault, string change) => AzCommand.For(vault, "keyvault update", change);
}
