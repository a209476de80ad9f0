using System.Net;
using System.Security;

namespace Maintenance.Engine.Configuration;

/// <summary>Looks secrets up at the moment they are used. The text it returns goes to the driver and nowhere else.</summary>
internal static class Secrets
{
    /// <summary>The secret's text.</summary>
    /// <param name="reference">Where it is.</param>
    /// <param name="vault">Reads those that only the caller's session can reach.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<string> ReadAsync(SecretReference reference, ISecretVault vault, CancellationToken cancellationToken) =>
        reference.Source switch
        {
            SecretSource.Environment => FromEnvironment(reference.Name),
            SecretSource.Vault => Text(await vault.ReadAsync(reference.Vault, reference.Name, cancellationToken)),
            _ => Text(reference.ToSecureString()),
        };

    private static string FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new MaintenanceException(
                MaintenanceErrorCode.SecretNotFound,
                $"The environment variable {name} is not set, and a secret is expected in it.",
                $"Set it before PowerShell starts, or in this session: $env:{name} = Read-Host -MaskInput");

    private static string Text(SecureString secure) => new NetworkCredential("", secure).Password;
}
