namespace Maintenance.Engine.Retention;

/// <summary>How many rows the next batch takes, so that it stays within its time. Pure but for what it remembers.</summary>
/// <param name="target">How long a batch may take.</param>
internal sealed class BatchSize(TimeSpan target)
{
    /// <summary>Batches aim below their limit, because the next may be slower than the last.</summary>
    private const double Aim = 0.7;

    private const int Smallest = 50;
    private const int Largest = 50_000;

    /// <summary>Rows of the next batch.</summary>
    public int Rows { get; private set; } = 1000;

    /// <summary>Learns from a batch.</summary>
    public void Learn(long rows, TimeSpan took)
    {
        if (rows <= 0)
        {
            return;
        }

        // It grows at most by half, and shrinks at once.
        var fitting = rows * (target.TotalMilliseconds * Aim / Math.Max(0.1, took.TotalMilliseconds));
        Rows = (int)Math.Clamp(Math.Min(fitting, Rows * 1.5), Smallest, Largest);
    }

    /// <summary>Somebody waited for us, or we for somebody: half of it.</summary>
    public void Shrink() => Rows = Math.Max(Smallest, Rows / 2);
}
