using System.Numerics;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>
/// Which segments of a timeline there are: a bit each, so that years of them fit into little memory. The size of a segment is
/// known only when one was read; until then they are kept by the two halves of their number. Pure.
/// </summary>
internal sealed class WalSegments
{
    private readonly SortedDictionary<uint, ulong[]> _logs = [];

    /// <summary>How many different ones.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one.</summary>
    /// <returns>False if it was there before.</returns>
    public bool Add(uint high, uint low)
    {
        var index = (int)(low / 64);
        var bits = _logs.GetValueOrDefault(high) ?? [];
        if (index >= bits.Length)
        {
            Array.Resize(ref bits, index + 1);
            _logs[high] = bits;
        }

        var bit = 1UL << (int)(low % 64);
        if ((bits[index] & bit) != 0)
        {
            return false;
        }

        bits[index] |= bit;
        Count++;
        return true;
    }

    /// <summary>Whether one is there.</summary>
    public bool Contains(uint high, uint low) =>
        _logs.TryGetValue(high, out var bits) && low / 64 < bits.Length && (bits[low / 64] & (1UL << (int)(low % 64))) != 0;

    /// <summary>Adds those of another part of the same timeline.</summary>
    /// <returns>How many were there before.</returns>
    public long Add(WalSegments other)
    {
        var before = Count;
        foreach (var (high, bits) in other._logs)
        {
            var own = _logs.GetValueOrDefault(high) ?? [];
            if (own.Length < bits.Length)
            {
                Array.Resize(ref own, bits.Length);
                _logs[high] = own;
            }

            for (var index = 0; index < bits.Length; index++)
            {
                Count += BitOperations.PopCount(bits[index] & ~own[index]);
                own[index] |= bits[index];
            }
        }

        return other.Count - (Count - before);
    }

    /// <summary>The ranges of segments that follow each other, by their numbers, in order.</summary>
    /// <param name="segmentSize">Size of a segment.</param>
    public IEnumerable<(ulong First, ulong Last)> Ranges(long segmentSize)
    {
        (ulong First, ulong Last)? open = null;
        foreach (var number in Numbers(segmentSize))
        {
            if (open is { } range && number == range.Last + 1)
            {
                open = range with { Last = number };
                continue;
            }

            if (open is { } complete)
            {
                yield return complete;
            }

            open = (number, number);
        }

        if (open is { } last)
        {
            yield return last;
        }
    }

    private IEnumerable<ulong> Numbers(long segmentSize)
    {
        foreach (var (high, bits) in _logs)
        {
            for (var index = 0; index < bits.Length; index++)
            {
                for (var left = bits[index]; left != 0; left &= left - 1)
                {
                    yield return WalPosition.NumberOf(high, (uint)((index * 64) + BitOperations.TrailingZeroCount(left)), segmentSize);
                }
            }
        }
    }
}
