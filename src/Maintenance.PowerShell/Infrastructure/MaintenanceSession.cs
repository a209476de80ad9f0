using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Maintenance.Completion;
using Maintenance.Engine;

namespace Maintenance.Infrastructure;

/// <summary>What a runspace remembers between cmdlets: its connected targets and its engine. Never shared between runspaces.</summary>
internal sealed class MaintenanceSession
{
    private static readonly ConditionalWeakTable<Runspace, MaintenanceSession> Sessions = [];
    private readonly ConcurrentDictionary<string, MaintenanceTarget> _targets = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lazy<MaintenanceEngine> _engine = new(() => new MaintenanceEngine());

    /// <summary>The engine of this runspace; made on first use, so that the import loads nothing.</summary>
    public MaintenanceEngine Engine => _engine.Value;

    /// <summary>Names for completion.</summary>
    public NameLookup Names { get; } = new();

    /// <summary>The connected targets, by name.</summary>
    public IReadOnlyCollection<MaintenanceTarget> Targets => [.. _targets.Values.OrderBy(target => target.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>The target that cmdlets use when none is named: the one connected last.</summary>
    public MaintenanceTarget? Current { get; private set; }

    /// <summary>The session of the runspace that this thread runs.</summary>
    public static MaintenanceSession Get()
    {
        var runspace = Runspace.DefaultRunspace
            ?? throw new InvalidOperationException("Maintenance cmdlets run inside a PowerShell runspace.");
        return Sessions.GetValue(runspace, Create);
    }

    public void Connect(MaintenanceTarget target)
    {
        _targets[target.Name] = target;
        Current = target;
    }

    public bool TryGet(string name, out MaintenanceTarget target) => _targets.TryGetValue(name, out target!);

    /// <summary>The targets a cmdlet was given, or else the current one.</summary>
    public TargetArgument[] OrCurrent(TargetArgument[]? given) => given
        ?? (Current is { } current
            ? [new TargetArgument(current)]
            : throw new MaintenanceException(
                MaintenanceErrorCode.TargetNotConnected,
                "No target is connected in this session.",
                "Run Connect-MaintenanceTarget, or Start-MaintenanceSandbox to try things out."));

    /// <summary>Forgets a target and closes its connections.</summary>
    public async Task DisconnectAsync(MaintenanceTarget target)
    {
        _targets.TryRemove(target.Name, out _);
        if (Current?.Name.Equals(target.Name, StringComparison.OrdinalIgnoreCase) == true)
        {
            Current = Targets.FirstOrDefault();
        }

        await Engine.CloseAsync(target);
    }

    private static MaintenanceSession Create(Runspace runspace)
    {
        var session = new MaintenanceSession();
        runspace.StateChanged += (_, state) =>
        {
            if (state.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken && session._engine.IsValueCreated)
            {
                // Idle connections would otherwise stay open until the process ends.
                _ = session.Engine.DisposeAsync().AsTask();
            }
        };
        return session;
    }
}
