using Maintenance.Engine.Security.Checks;

namespace Maintenance.Engine.Security;

/// <summary>Every check that there is.</summary>
internal static class SecurityCatalogue
{
    public static IReadOnlyList<SecurityCheck> Checks { get; } =
    [
        .. RowSecurityChecks.All,
        .. PolicyChecks.All,
        .. ExposureChecks.All,
        .. FunctionChecks.All,
        .. GrantChecks.All,
        .. SecretChecks.All,
        .. ExtensionChecks.All,
        .. SupabaseChecks.All,
        .. RoleChecks.All,
        .. HbaChecks.All,
        .. TlsChecks.All,
        .. LoggingChecks.All,
        .. VersionChecks.All,
    ];
}
