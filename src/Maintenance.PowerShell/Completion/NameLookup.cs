using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security;

namespace Maintenance.Completion;

/// <summary>
/// The one place that knows how long names may take to be found while somebody waits at the prompt. Who is slower gives none at this
/// keystroke, and what came meanwhile at the next.
/// </summary>
internal sealed class NameLookup
{
    /// <summary>What is left of 150 ms from the keystroke to the names: the rest is PowerShell's.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(125);

    /// <summary>When a search is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How long late names are worth something.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<object, (Task<IReadOnlyList<NameChoice>> Names, long Since)> _late = new();

    /// <summary>Names, or none if they take longer than somebody wants to wait.</summary>
    /// <param name="key">Equal for searches with the same answer.</param>
    /// <param name="search">The search.</param>
    public IReadOnlyList<NameChoice> Ask(object key, NameSearch search)
    {
        foreach (var (old, late) in _late)
        {
            if (Stopwatch.GetElapsedTime(late.Since) > Fresh || (late.Names.IsCompleted && late.Names.GetAwaiter().GetResult().Count == 0))
            {
                _late.TryRemove(old, out _);
            }
        }

        var asked = _late.TryRemove(key, out var known) ? known : (Names: Task.Run(() => FindAsync(search)), Since: Stopwatch.GetTimestamp());
        // PowerShell wants the names now; there is nothing to await on. The work itself never needs this thread.
        if (((IAsyncResult)asked.Names).AsyncWaitHandle.WaitOne(Moment))
        {
            return asked.Names.GetAwaiter().GetResult();
        }

        _late[key] = asked;
        return [];
    }

    private static async Task<IReadOnlyList<NameChoice>> FindAsync(NameSearch search)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return [.. await search(new CallContext(Nobody.Instance, Nobody.Instance), patience.Token)];
        }
        catch (Exception)
        {
            // Not connected, not allowed, not there any more: no names.
            return [];
        }
    }

    /// <summary>Hears nothing, and has no secrets: a vault may ask for a password, and nobody wants that for a keystroke.</summary>
    private sealed class Nobody : IMaintenanceSink, ISecretVault
    {
        public static Nobody Instance { get; } = new();

        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Progress(ProgressUpdate progress)
        {
        }

        public Task<SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken) =>
            throw new MaintenanceException(MaintenanceErrorCode.SecretNotFound, "Completion asks no vault.", "");
    }
}
