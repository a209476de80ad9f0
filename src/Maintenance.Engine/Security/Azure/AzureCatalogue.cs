using Maintenance.Engine.Security.Azure.Checks;

namespace Maintenance.Engine.Security.Azure;

/// <summary>Every check of Azure resources that there is.</summary>
internal static class AzureCatalogue
{
    public static IReadOnlyList<AzureCheck> Checks { get; } =
    [
        .. StorageChecks.All,
        .. VaultChecks.All,
        .. NetworkChecks.All,
        .. PostgresChecks.All,
        .. IdentityChecks.All,
    ];
}
