using System.ComponentModel;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>What a -Target parameter takes: the name of a connected target, a target itself, or a sandbox; one that was kept in a file stands for the one of its name.</summary>
[TypeConverter(typeof(KeptTarget))]
public sealed class TargetArgument
{
    private readonly MaintenanceTarget? _target;

    /// <summary>Names a target that is connected in this session.</summary>
    /// <param name="name">Its name.</param>
    public TargetArgument(string name) => Name = name;

    /// <summary>Brings a target along.</summary>
    /// <param name="target">The target.</param>
    public TargetArgument(MaintenanceTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Name = target.Name;
        _target = target;
    }

    /// <summary>Brings along the target of a sandbox.</summary>
    /// <param name="sandbox">The sandbox.</param>
    public TargetArgument(MaintenanceSandbox sandbox)
        : this((sandbox ?? throw new ArgumentNullException(nameof(sandbox))).Target)
    {
    }

    /// <summary>Name of the target.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The target, if it was brought along or is connected.</summary>
    internal MaintenanceTarget? Find(MaintenanceSession session) =>
        _target ?? (session.TryGet(Name, out var target) ? target : null);

    internal MaintenanceTarget Resolve(MaintenanceSession session)
    {
        if (Find(session) is { } target)
        {
            return target;
        }

        var known = session.Targets.Count > 0
            ? $"Connected are: {string.Join(", ", session.Targets)}."
            : "No target is connected.";
        throw new MaintenanceException(
            MaintenanceErrorCode.TargetNotFound,
            $"No target named '{Name}' is connected in this session.",
            $"{known} Connect it first: Connect-MaintenanceTarget -Name '{Name}'.");
    }

    /// <summary>A target or a sandbox that was kept. Its secrets were not: the connected one of its name is meant.</summary>
    public sealed class KeptTarget : KeptArgument<TargetArgument>
    {
        /// <inheritdoc/>
        protected override TargetArgument? Of(PSObject kept) =>
            Was(kept, typeof(MaintenanceTarget)) ? Named(kept.Properties["Name"]?.Value)
            // Of the target in it a file has the fields, or its name alone.
            : Was(kept, typeof(MaintenanceSandbox)) ? kept.Properties["Target"]?.Value is PSObject { BaseObject: PSCustomObject } target ? Of(target) : Named(kept.Properties["Target"]?.Value)
            : null;

        private static TargetArgument? Named(object? name) => name?.ToString() is { Length: > 0 } text ? new TargetArgument(text) : null;
    }
}
