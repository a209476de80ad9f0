using System.Security;

namespace Maintenance;

/// <summary>Reads secrets that only the caller's session can reach, such as those of SecretManagement.</summary>
public interface ISecretVault
{
    /// <summary>Reads one secret.</summary>
    /// <param name="vault">Name of the vault; empty for the default one.</param>
    /// <param name="name">Name of the secret.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MaintenanceException"><see cref="MaintenanceErrorCode.SecretNotFound"/>, naming what is missing.</exception>
    Task<SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken);
}
