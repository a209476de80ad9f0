using System.Runtime.CompilerServices;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>A store in memory that lists as Azure does: sorted by name, in pages, from any name on.</summary>
internal sealed class MemoryStore : IBackupStore
{
    private readonly List<StoreEntry> _entries;
    private readonly Behaviour _behaviour;

    public MemoryStore(IEnumerable<StoreEntry> entries, Behaviour behaviour = Behaviour.Seeks)
    {
        _entries = [.. entries];
        _behaviour = behaviour;
        if (behaviour != Behaviour.SortsOtherwise)
        {
            _entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        }
    }

    public enum Behaviour
    {
        Seeks,
        RefusesToSeek,
        IgnoresStartFrom,
        SortsOtherwise,
    }

    public string Name => "memory";

    public bool CanSeek => true;

    public int Requests { get; private set; }

    public int EntriesRead { get; private set; }

    public async IAsyncEnumerable<StoreEntry> ListAsync(StoreRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (startFrom, pageSize) = (range.StartFrom, range.PageSize);
        if (startFrom is not null && _behaviour == Behaviour.RefusesToSeek)
        {
            Requests++;
            throw new SeekRefusedException();
        }

        var count = 0;
        Requests += _entries.Exists(entry => entry.Name.StartsWith(range.Begin ?? "", StringComparison.Ordinal)) ? 0 : 1;
        foreach (var entry in _entries.Where(entry => entry.Name.StartsWith(range.Begin ?? "", StringComparison.Ordinal)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (startFrom is not null && _behaviour == Behaviour.Seeks && string.CompareOrdinal(entry.Name, startFrom) < 0)
            {
                continue;
            }

            if (count++ % (pageSize ?? 5000) == 0)
            {
                Requests++;
                await Task.Yield();
            }

            EntriesRead++;
            yield return entry;
        }
    }
}
