using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Security;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the process numbers of a server's sessions: blockers first.</summary>
public sealed class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, ServerSessions.Read(fakeBoundParameters)
            .Where(session => session.ProcessId != 0)
            .Select(session => (session.ProcessId.ToString(CultureInfo.InvariantCulture), SessionText.ToolTip(session))));
}

/// <summary>Completes the roles that are logged in.</summary>
public sealed class SessionRoleCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, ServerSessions.Read(fakeBoundParameters)
            .Where(session => session.Role is not null && !session.Role.Any(char.IsControl))
            .CountBy(session => session.Role!)
            .Select(role => (role.Key, string.Create(CultureInfo.CurrentCulture, $"{role.Value} session(s)"))));
}

/// <summary>Sessions for completion: nothing where the server does not answer at once.</summary>
internal static class ServerSessions
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    public static IReadOnlyList<DbSession> Read(IDictionary bound)
    {
        ArgumentNullException.ThrowIfNull(bound);
        var session = MaintenanceSession.Get();
        var target = bound["Target"] is { } named
            ? session.Targets.FirstOrDefault(target => target.Name.Equals(named.ToString(), StringComparison.OrdinalIgnoreCase))
            : session.Current;
        // A completer has no pipeline to await on; the work itself never needs this thread.
        return target is null ? [] : Task.Run(() => ReadAsync(session, target)).GetAwaiter().GetResult();
    }

    private static async Task<IReadOnlyList<DbSession>> ReadAsync(MaintenanceSession session, MaintenanceTarget target)
    {
        using var impatience = new CancellationTokenSource(Patience);
        var reading = session.Engine.Sessions.ReadAsync(target, new DbSessionQuery(), new CallContext(new Silence(), new Silence()), impatience.Token);
        try
        {
            return await reading.WaitAsync(impatience.Token);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            return [];
        }
    }

    private sealed class Silence : IMaintenanceSink, ISecretVault
    {
        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Progress(ProgressUpdate progress)
        {
        }

        // A vault may ask for a password, and nobody wants that for a keypress.
        public Task<SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken) =>
            throw new MaintenanceException(MaintenanceErrorCode.SecretNotFound, "Completion opens no vault.", "");
    }
}
