using System.Runtime.CompilerServices;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Stores;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Rotation;

/// <summary>Compresses, moves and deletes logs as they grow old: this module's own, those in the artefact store, and any folder.</summary>
public sealed class LogRotationService
{
    private readonly StoreClients _stores = new();
    private readonly TimeProvider _time;
    private readonly string _lockFolder;

    internal LogRotationService(TimeProvider time, string? lockFolder = null)
    {
        _time = time;
        _lockFolder = lockFolder ?? Path.Combine(PrivateFiles.StateFolder, "locks");
    }

    /// <summary>The rules of a target: its own, or where it has none, the usual ones for what this module itself writes.</summary>
    /// <param name="target">The target.</param>
    public static IReadOnlyList<LogRotationRule> RulesFor(MaintenanceTarget target) => LogRotationRules.For(target);

    /// <summary>What a rule would do now, and what it would leave alone. Changes nothing, and takes no lock.</summary>
    /// <param name="target">The target; null for a folder that is named by itself.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="call">What the call brings along; no time limit by default.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <exception cref="MaintenanceException">InvalidArgument, NotConfigured, Store….</exception>
    public async IAsyncEnumerable<LogRotation> PreviewAsync(
        MaintenanceTarget? target, LogRotationRule rule, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        var pass = await BeginAsync(target, rule, call, deadline);
        await foreach (var record in deadline.WatchAsync(pass.PreviewAsync(deadline.Token), "Looking at the logs"))
        {
            yield return record;
        }
    }

    /// <summary>Does what a rule makes due, one file after another, the oldest first.</summary>
    /// <param name="target">The target; null for a folder that is named by itself.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="confirm">Asks whether a file is to be acted on.</param>
    /// <param name="call">What the call brings along; no time limit by default.</param>
    /// <param name="cancellationToken">Ends it; no file is left half done.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, InvalidArgument, NotConfigured, PermissionDenied, Store….</exception>
    public async IAsyncEnumerable<LogRotation> RotateAsync(
        MaintenanceTarget? target, LogRotationRule rule, Func<LogRotation, Task<bool>> confirm, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        var pass = await BeginAsync(target, rule, call, deadline);
        using var alone = LockFor(target, rule);
        await foreach (var record in deadline.WatchAsync(pass.RunAsync(confirm, deadline.Token), "Rotating the logs"))
        {
            yield return record;
        }
    }

    /// <summary>A rule, ready to work; nothing has been looked at yet.</summary>
    internal async Task<RotationPass> BeginAsync(MaintenanceTarget? target, LogRotationRule rule, CallContext call, Deadline deadline)
    {
        Check(rule);
        // Our own logs, and what the usual rules are about, are there only once something was written.
        var mayBeMissing = rule.Source == LogSource.OwnLogs || target is { LogRotation.Count: 0 };
        var store = rule.Source == LogSource.Store ? await OpenAsync(Needed(target), rule, call, deadline.Token) : OpenFolder(FolderOf(target, rule), "", rule);
        return new RotationPass(store, rule with { QuietTime = QuietTimeOf(rule) }, target?.Name, mayBeMissing, call.Sink, () => deadline.Remaining, _time);
    }

    /// <summary>What keeps a second rotation of the same folder away. A container needs none: the service itself refuses what has changed.</summary>
    /// <exception cref="MaintenanceException">AlreadyRunning.</exception>
    internal IDisposable? LockFor(MaintenanceTarget? target, LogRotationRule rule) => rule.Source != LogSource.Store
        ? RotationLock.Take(_lockFolder, FolderOf(target, rule))
        : ArtifactService.SettingsOf(Needed(target), rule.Container) is { Path: { } path } ? RotationLock.Take(_lockFolder, path) : null;

    /// <summary>Forgets the secrets of a target's store.</summary>
    internal void Close(MaintenanceTarget target)
    {
        if (target.ArtifactStore is { } store)
        {
            _stores.Forget(store);
            foreach (var container in target.LogRotation.Select(rule => rule.Container).OfType<string>())
            {
                _stores.Forget(store with { Container = container });
            }
        }
    }

    private static void Check(LogRotationRule rule)
    {
        if (LogRotationRules.Problems(rule).Select(problem => problem.Message).ToList() is { Count: > 0 } problems)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"This rule cannot be used. {string.Join(' ', problems)}", "See Get-Help Invoke-LogRotation -Full.");
        }
    }

    // What a run has just written is still being published.
    private static TimeSpan QuietTimeOf(LogRotationRule rule) =>
        rule.Source == LogSource.OwnLogs && rule.QuietTime < LogRotationRule.DefaultQuietTime ? LogRotationRule.DefaultQuietTime : rule.QuietTime;

    private static MaintenanceTarget Needed(MaintenanceTarget? target) => target ?? throw new MaintenanceException(
        MaintenanceErrorCode.TargetNotConnected, "The rule is about logs of a target, and there is none.", "Run Connect-MaintenanceTarget, or name a folder with -Path.");

    private static string FolderOf(MaintenanceTarget? target, LogRotationRule rule) =>
        rule.Source == LogSource.OwnLogs ? RunLogPath.FolderFor(Needed(target)) : Path.GetFullPath(rule.Path!);

    private FolderRotationStore OpenFolder(string root, string prefix, LogRotationRule rule) => new(
        root,
        prefix[..(prefix.LastIndexOf('/') + 1)],
        new RotationFilter(prefix, rule.Include, OperatingSystem.IsWindows()),
        rule.Recurse || rule.Source == LogSource.Store,
        _time);

    private async Task<IRotationStore> OpenAsync(MaintenanceTarget target, LogRotationRule rule, CallContext call, CancellationToken cancellationToken)
    {
        var settings = ArtifactService.SettingsOf(target, rule.Container);
        if (!settings.IsFolder)
        {
            var container = await _stores.ContainerAsync(settings, call, cancellationToken);
            return new BlobRotationStore(container, settings.Prefix, rule.Prefix, new RotationFilter(rule.Prefix, rule.Include, ignoreCase: false), () => _stores.Forget(settings));
        }

        return rule.TierAfter is null
            ? OpenFolder(Path.GetFullPath(settings.Path!), rule.Prefix, rule)
            : throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"The artefact store of '{target.Name}' is a folder, and files in a folder have no tiers.", "Leave -TierAfter out.");
    }
}
