using System.Numerics;

namespace Maintenance.Engine.Inspect;

/// <summary>Where a session stands among those that block each other. Sessions are known by their place in the list that was given.</summary>
internal sealed record BlockingPlace
{
    /// <summary>0 for a root and for who is in no tree; else one more than the deepest that blocks it.</summary>
    public int Depth { get; set; }

    /// <summary>The deepest of those that block it: under that one it is shown.</summary>
    public int? Parent { get; set; }

    /// <summary>The root above it; itself for a root; null if it is in no tree or in a deadlock.</summary>
    public int? Root { get; set; }

    /// <summary>The root that alone keeps it waiting; null if there is none or several.</summary>
    public int? OnlyRoot { get; set; }

    /// <summary>It blocks others, and nobody blocks it.</summary>
    public bool IsRootBlocker { get; set; }

    /// <summary>It waits for itself, by way of others.</summary>
    public bool IsDeadlocked { get; set; }

    /// <summary>How many wait for it, directly or behind others.</summary>
    public int Victims { get; set; }

    /// <summary>It blocks somebody or is blocked.</summary>
    public bool IsInTree { get; set; }
}

/// <summary>
/// Makes trees of who waits for whom. One who waits for several stands under the deepest of them, so that everybody comes after all
/// who block him. Deadlocks, which the server has not broken yet, stand as roots that are none.
/// </summary>
internal sealed class BlockingTree
{
    private readonly IReadOnlyList<IReadOnlyList<int>> _blockers;
    private readonly List<int>[] _blocked;
    private readonly BlockingPlace[] _places;
    private readonly int[] _unresolved;
    private readonly List<int> _resolved = [];

    /// <summary>Builds the trees.</summary>
    /// <param name="blockers">For each session, those it waits for.</param>
    public BlockingTree(IReadOnlyList<IReadOnlyList<int>> blockers)
    {
        _blockers = [.. blockers.Select((list, session) => (IReadOnlyList<int>)[.. list.Where(blocker => blocker != session).Distinct()])];
        _blocked = [.. _blockers.Select(_ => new List<int>())];
        _places = [.. _blockers.Select(_ => new BlockingPlace())];
        _unresolved = [.. _blockers.Select(list => list.Count)];
        for (var session = 0; session < _blockers.Count; session++)
        {
            foreach (var blocker in _blockers[session])
            {
                _blocked[blocker].Add(session);
                _places[session].IsInTree = _places[blocker].IsInTree = true;
            }
        }

        PlaceAll();
        CountVictims();
    }

    /// <summary>The place of each session.</summary>
    public IReadOnlyList<BlockingPlace> Places => _places;

    /// <summary>Those that wait for a session, directly or behind others.</summary>
    public IEnumerable<int> VictimsOf(int session)
    {
        var found = new HashSet<int>();
        var open = new Stack<int>(_blocked[session]);
        while (open.TryPop(out var victim))
        {
            if (victim != session && found.Add(victim))
            {
                foreach (var next in _blocked[victim])
                {
                    open.Push(next);
                }
            }
        }

        return found;
    }

    /// <summary>All that are in a tree: each root, the one with the most victims first, followed by those below it.</summary>
    public IEnumerable<int> InOrder()
    {
        var children = Enumerable.Range(0, _places.Length)
            .Where(session => _places[session] is { IsInTree: true, Parent: not null })
            .ToLookup(session => _places[session].Parent!.Value);
        var open = new Stack<int>(Enumerable.Range(0, _places.Length)
            .Where(session => _places[session] is { IsInTree: true, Parent: null })
            .OrderByDescending(session => _places[session].Victims)
            .Reverse());
        while (open.TryPop(out var session))
        {
            yield return session;
            foreach (var child in children[session].Reverse())
            {
                open.Push(child);
            }
        }
    }

    // Nobody is placed before all who block him are.
    private void PlaceAll()
    {
        var ready = new Queue<int>(Enumerable.Range(0, _places.Length).Where(session => _unresolved[session] == 0));
        while (_resolved.Count < _places.Length)
        {
            if (ready.Count == 0)
            {
                foreach (var session in FindDeadlocked())
                {
                    _places[session].IsDeadlocked = true;
                    _unresolved[session] = 0;
                    ready.Enqueue(session);
                }
            }

            var placed = ready.Dequeue();
            Place(placed);
            _resolved.Add(placed);
            foreach (var victim in _blocked[placed])
            {
                if (_unresolved[victim] > 0 && --_unresolved[victim] == 0)
                {
                    ready.Enqueue(victim);
                }
            }
        }
    }

    private void Place(int session)
    {
        var place = _places[session];
        var blockers = _blockers[session];
        if (blockers.Count == 0)
        {
            place.IsRootBlocker = _blocked[session].Count > 0;
            place.Root = place.OnlyRoot = place.IsRootBlocker ? session : null;
            return;
        }

        if (place.IsDeadlocked)
        {
            return;
        }

        place.Parent = blockers.MaxBy(blocker => _places[blocker].Depth);
        place.Depth = _places[place.Parent.Value].Depth + 1;
        place.Root = _places[place.Parent.Value].Root;
        var roots = blockers.Select(blocker => _places[blocker].OnlyRoot).Distinct().ToList();
        place.OnlyRoot = roots.Count == 1 ? roots[0] : null;
    }

    // Of those without a place, who waits for himself. Whoever leads to nobody cannot, so long queues behind a deadlock drop out first.
    private List<int> FindDeadlocked()
    {
        var open = Enumerable.Range(0, _places.Length).Where(session => _unresolved[session] > 0).ToHashSet();
        var victims = open.ToDictionary(session => session, session => _blocked[session].Count(open.Contains));
        var leaves = new Queue<int>(open.Where(session => victims[session] == 0));
        while (leaves.TryDequeue(out var leaf))
        {
            open.Remove(leaf);
            foreach (var blocker in _blockers[leaf].Where(open.Contains))
            {
                if (--victims[blocker] == 0)
                {
                    leaves.Enqueue(blocker);
                }
            }
        }

        return [.. open.Where(session => Reaches(session, session, open))];
    }

    private bool Reaches(int from, int to, HashSet<int> through)
    {
        var found = new HashSet<int>();
        var next = new Stack<int>([from]);
        while (next.TryPop(out var current))
        {
            foreach (var victim in _blocked[current].Where(through.Contains))
            {
                if (victim == to)
                {
                    return true;
                }

                if (found.Add(victim))
                {
                    next.Push(victim);
                }
            }
        }

        return false;
    }

    // A set of bits for each: hundreds who queue for one lock block each other in as many pairs as there are.
    private void CountVictims()
    {
        var victims = new ulong[_places.Length][];
        var blocking = _resolved.Where(session => _blocked[session].Count > 0).ToLookup(session => _places[session].IsDeadlocked);
        foreach (var session in blocking[true])
        {
            victims[session] = Bits(VictimsOf(session));
        }

        // From the leaves to the roots: whoever is below has been counted.
        foreach (var session in blocking[false].Reverse())
        {
            var all = victims[session] = Bits(_blocked[session]);
            foreach (var below in _blocked[session].Select(victim => victims[victim]).OfType<ulong[]>())
            {
                for (var word = 0; word < all.Length; word++)
                {
                    all[word] |= below[word];
                }
            }
        }

        foreach (var session in blocking.SelectMany(group => group))
        {
            _places[session].Victims = victims[session].Sum(BitOperations.PopCount);
        }
    }

    private ulong[] Bits(IEnumerable<int> sessions)
    {
        var bits = new ulong[(_places.Length + 63) / 64];
        foreach (var session in sessions)
        {
            bits[session / 64] |= 1UL << session % 64;
        }

        return bits;
    }
}
