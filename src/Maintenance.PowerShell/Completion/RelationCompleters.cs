using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Security;
using Maintenance.Engine.Inspect;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the names of tables in the database of the target that is named, or connected last.</summary>
public sealed class TableCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RelationCompletion.Complete(wordToComplete, fakeBoundParameters, (names, target, word, call, token) => names.FindTablesAsync(target, word, call, token));
}

/// <summary>Completes the names of indexes in the database of the target that is named, or connected last.</summary>
public sealed class IndexCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RelationCompletion.Complete(wordToComplete, fakeBoundParameters, (names, target, word, call, token) => names.FindIndexesAsync(target, word, call, token));
}

/// <summary>Completes the names of manifests in the archive store of the target that is named, or connected last.</summary>
public sealed class ManifestCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RelationCompletion.Manifests(wordToComplete, fakeBoundParameters);
}

/// <summary>Completes the names of roles of the server of the target that is named, or connected last.</summary>
public sealed class RoleCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RelationCompletion.Roles(wordToComplete, fakeBoundParameters);
}

/// <summary>Asks a server for names while somebody waits at the prompt: a moment, and then there are none.</summary>
internal static class RelationCompletion
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    public delegate Task<IReadOnlyList<(string Schema, string Name)>> Search(
        RelationNameService names, MaintenanceTarget target, string word, CallContext call, CancellationToken cancellationToken);

    public static IEnumerable<CompletionResult> Complete(string? word, IDictionary bound, Search search)
    {
        var session = MaintenanceSession.Get();
        return TargetOf(bound, session) is { Database: not null } target
            ? Ask(word, async (typed, call, token) => Choices(typed, await search(session.Engine.RelationNames, target, typed, call, token)))
            : [];
    }

    /// <summary>Manifests in the archive store of the target that is named, or connected last.</summary>
    public static IEnumerable<CompletionResult> Manifests(string? word, IDictionary bound)
    {
        var session = MaintenanceSession.Get();
        return TargetOf(bound, session) is { ArchiveStore: not null } target
            ? Ask(word, async (typed, call, token) => [.. (await session.Engine.Restore.FindManifestsAsync(target, typed, call, token)).Select(name => (name, name))])
            : [];
    }

    /// <summary>Roles of the server of the target that is named, or connected last. Names that would break the line are left out.</summary>
    public static IEnumerable<CompletionResult> Roles(string? word, IDictionary bound)
    {
        var session = MaintenanceSession.Get();
        return TargetOf(bound, session) is { Database: not null } target
            ? Ask(word, async (typed, call, token) =>
                [.. (await session.Engine.AccessReviews.FindRolesAsync(target, typed, call, token)).Where(name => !name.Any(char.IsControl)).Select(name => (name, name))])
            : [];
    }

    /// <summary>Databases of the server of the target that is named, or connected last.</summary>
    public static IEnumerable<CompletionResult> Databases(string? word, IDictionary bound)
    {
        var session = MaintenanceSession.Get();
        return TargetOf(bound, session) is { Database: not null } target
            ? Ask(word, async (_, call, token) => [.. (await session.Engine.SecurityAudit.FindDatabasesAsync(target, call, token)).Select(name => (name, name))])
            : [];
    }

    private static IEnumerable<CompletionResult> Ask(string? word, Func<string, CallContext, CancellationToken, Task<List<(string, string)>>> search)
    {
        var typed = (word ?? "").Trim('\'', '"');
        var asking = AskAsync();
        // PowerShell wants the completions now; there is nothing to await on. The time it may take is limited twice: what does not
        // observe its token is left behind.
        return ((IAsyncResult)asking).AsyncWaitHandle.WaitOne(Patience) ? Completions.Matching(word, asking.GetAwaiter().GetResult()) : [];

        Task<List<(string, string)>> AskAsync() => Task.Run(async () =>
        {
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                return await search(typed, new CallContext(Nobody.Instance, Nobody.Instance), patience.Token);
            }
            catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
            {
                return [];
            }
        });
    }

    // As short as it was begun: the name alone, unless the schema was typed, or several schemas have a relation of that name.
    private static List<(string, string)> Choices(string typed, IReadOnlyList<(string Schema, string Name)> found)
    {
        var alone = found.GroupBy(relation => relation.Name).Where(group => group.Count() == 1).Select(group => group.Key).ToHashSet();
        return
        [
            .. found.Select(relation => (
                relation.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase) && alone.Contains(relation.Name) ? relation.Name : $"{relation.Schema}.{relation.Name}",
                $"{relation.Schema}.{relation.Name}")),
        ];
    }

    private static MaintenanceTarget? TargetOf(IDictionary bound, MaintenanceSession session) =>
        !bound.Contains("Target") ? session.Current
        : LanguagePrimitives.TryConvertTo<TargetArgument[]>(bound["Target"], out var given) && given is [{ } first, ..] ? first.Find(session)
        : null;

    /// <summary>Hears nothing, and has no secrets: whoever is not connected yet completes nothing.</summary>
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
