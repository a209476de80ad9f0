using System.Security;

namespace Maintenance.Benchmarks;

/// <summary>A call into the engine that tells nobody and has no vault.</summary>
internal sealed class SilentCall : IMaintenanceSink, ISecretVault
{
    public static CallContext Context { get; } = new(new SilentCall(), new SilentCall());

    public void Verbose(string message)
    {
    }

    public void Warning(string message)
    {
    }

    public void Progress(ProgressUpdate progress)
    {
    }

    public Task<SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken) => throw new NotSupportedException();
}
