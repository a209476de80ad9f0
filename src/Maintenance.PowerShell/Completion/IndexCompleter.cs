using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the names of indexes in the database of the target that is named, or connected last. Silent where that takes too long.</summary>
public sealed class IndexCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var session = MaintenanceSession.Get();
        var target = fakeBoundParameters["Target"]?.ToString() is { } name && session.TryGet(name, out var named) ? named : session.Current;
        return target is null ? [] : Completions.Matching(wordToComplete, Names(session, target).Select(index => (index, index)));
    }

    private static IReadOnlyList<string> Names(MaintenanceSession session, MaintenanceTarget target)
    {
        using var patience = new CancellationTokenSource(Patience);
        var asking = Task.Run(() => session.Engine.Reindex.GetIndexNamesAsync(target, Nobody.Call, patience.Token), patience.Token);
        try
        {
            // Completion has no pipeline to wait on: the prompt waits, but never longer than this.
            return asking.WaitAsync(Patience, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException or TimeoutException)
        {
            return [];
        }
    }

    /// <summary>A call that tells nobody, and may read no vault: a prompt for a password has no place in a completion.</summary>
    private sealed class Nobody : IMaintenanceSink, ISecretVault
    {
        public static CallContext Call { get; } = new(new Nobody(), new Nobody());

        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Progress(ProgressUpdate progress)
        {
        }

        public Task<System.Security.SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken) =>
            throw new MaintenanceException(MaintenanceErrorCode.SecretNotFound, "Completion reads no vault.", "Connect first.");
    }
}
