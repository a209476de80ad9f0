namespace Maintenance.Engine.Alerts;

/// <summary>What this session remembers of alerts: all there is for a target without a history, and the last that is known where a history breaks.</summary>
internal sealed class AlertSession
{
    private static readonly IReadOnlyDictionary<AlertKey, AlertMemory> Nothing = new Dictionary<AlertKey, AlertMemory>();

    private readonly Lock _gate = new();
    private readonly Dictionary<string, IReadOnlyDictionary<AlertKey, AlertMemory>> _targets = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is remembered of a target.</summary>
    public IReadOnlyDictionary<AlertKey, AlertMemory> Of(string target)
    {
        lock (_gate)
        {
            return _targets.GetValueOrDefault(target, Nothing);
        }
    }

    /// <summary>Remembers what a history says.</summary>
    public void Keep(string target, IReadOnlyDictionary<AlertKey, AlertMemory> memories, IEnumerable<AlertMemory> changed)
    {
        lock (_gate)
        {
            _targets[target] = With(memories, changed);
        }
    }

    /// <summary>Changes what is remembered, by itself: nobody else does at the same time.</summary>
    public T Change<T>(string target, Func<IReadOnlyDictionary<AlertKey, AlertMemory>, (T Result, IEnumerable<AlertMemory> Changed)> change)
    {
        lock (_gate)
        {
            var memories = _targets.GetValueOrDefault(target, Nothing);
            var (result, changed) = change(memories);
            _targets[target] = With(memories, changed);
            return result;
        }
    }

    private static Dictionary<AlertKey, AlertMemory> With(IReadOnlyDictionary<AlertKey, AlertMemory> memories, IEnumerable<AlertMemory> changed)
    {
        var all = new Dictionary<AlertKey, AlertMemory>(memories);
        foreach (var memory in changed)
        {
            all[memory.Key] = memory;
        }

        return all;
    }
}
