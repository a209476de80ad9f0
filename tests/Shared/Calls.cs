using System.Security;

namespace Maintenance.TestSupport;

/// <summary>Calls into the engine from tests.</summary>
internal static class Calls
{
    /// <summary>A call that tells nobody, and has no vault.</summary>
    public static CallContext Silent(TimeSpan? timeout = null) => new(new RecordingSink(), new NoVault(), timeout);

    /// <summary>A call that tells a sink.</summary>
    public static CallContext To(IMaintenanceSink sink, TimeSpan? timeout = null) => new(sink, new NoVault(), timeout);

    private sealed class NoVault : ISecretVault
    {
        public Task<SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken) =>
            throw new MaintenanceException(MaintenanceErrorCode.SecretNotFound, $"There is no vault '{vault}'.", "");
    }
}
