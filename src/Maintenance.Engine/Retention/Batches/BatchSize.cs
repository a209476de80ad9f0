namespace Maintenance.Engine.Retention;

/// <summary>How much the next batch takes, so that it stays within its time. Pure but for what it remembers.</summary>
/// <param name="target">How long a batch may take.</param>
/// <param name="first">How much the first takes.</param>
/// <param name="smallest">The least; smaller ones would pay for little but the statement.</param>
/// <param name="largest">The most.</param>
internal sealed class BatchSize(TimeSpan target, int first = 1000, int smallest = 50, int largest = 50_000)
{
    /// <summary>Batches aim below their limit, because the next may be slower than the last.</summary>
    private const double Aim = 0.7;

    /// <summary>A batch of half the size that takes more than this part of the time of the last pays for something else than its rows.</summary>
    private const double FixedShare = 0.9;

    private (int Size, TimeSpan Took) _last;
    private (int Size, TimeSpan Took)? _fixed;

    /// <summary>Size of the next batch: rows, or blocks.</summary>
    public int Rows { get; private set; } = Math.Clamp(first, smallest, largest);

    /// <summary>Learns from a batch.</summary>
    /// <param name="size">How much it was asked to take; not how much it found, for looking costs as well.</param>
    /// <param name="took">How long it took.</param>
    public void Learn(int size, TimeSpan took)
    {
        if (size <= 0)
        {
            return;
        }

        // Under a hold whose own query takes long, small batches would pay for it over and over: what was no faster for being smaller goes
        // back to its size, and stays there while that takes about as long.
        if (size <= _last.Size / 2 && took > _last.Took * FixedShare)
        {
            _fixed = _last;
        }
        else if (_fixed is { } known && (took > known.Took * 2 || took < known.Took / 2))
        {
            _fixed = null;
        }

        _last = (size, took);
        var fitting = size * (target.TotalMilliseconds * Aim / Math.Max(0.1, took.TotalMilliseconds));
        // It grows at most by half, and shrinks at once.
        Rows = (int)Math.Clamp(Math.Min(fitting, Math.Max(size, Rows) * 1.5), Math.Max(smallest, _fixed?.Size ?? 0), largest);
    }

    /// <summary>Somebody waited for us, or we for somebody: half of it.</summary>
    public void Shrink() => Rows = Math.Max(smallest, Rows / 2);
}
