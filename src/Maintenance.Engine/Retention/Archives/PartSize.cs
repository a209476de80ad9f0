namespace Maintenance.Engine.Retention;

/// <summary>How many rows the next part of an archive holds, so that deleting them stays within its time. Pure but for what it remembers.</summary>
/// <param name="target">How long the deletion may take.</param>
internal sealed class PartSize(TimeSpan target)
{
    /// <summary>
    /// A part may take longer than a batch: each costs some requests to the store, and its old rows are seldom wanted. It aims below that,
    /// because the next may be slower than the last.
    /// </summary>
    private const double Aim = 3 * 0.7;

    private const int Smallest = 100;
    private const int Largest = 50_000;
    private const int LargestTakenFirst = 500;

    /// <summary>Before compression: what is exported again when somebody changed a row meanwhile.</summary>
    private const long LargestBytes = 64 * 1024 * 1024;

    private int _rows = 2000;
    private long _mostForBytes = Largest;

    /// <summary>Rows of the next part.</summary>
    public int Rows => (int)Math.Clamp(_rows, Math.Min(Smallest, _mostForBytes), _mostForBytes);

    /// <summary>Rows of a part that was tried before. Those that are taken first stay locked while they are uploaded.</summary>
    public int After(int tries) => Math.Clamp(Rows >> Math.Min(tries, 10), 1, tries < ArchiveRange.MostTries ? Largest : LargestTakenFirst);

    /// <summary>Learns from a part that was deleted.</summary>
    public void Learn(long rows, TimeSpan took)
    {
        if (rows > 0)
        {
            // It grows to its double at most, and shrinks at once.
            var fitting = rows * (target.TotalMilliseconds * Aim / Math.Max(0.1, took.TotalMilliseconds));
            _rows = (int)Math.Clamp(Math.Min(fitting, _rows * 2.0), Smallest, Largest);
        }
    }

    /// <summary>Learns how large rows are.</summary>
    public void LearnBytes(long rows, long bytes)
    {
        if (rows > 0)
        {
            _mostForBytes = Math.Clamp(LargestBytes * rows / Math.Max(1, bytes), 1, Largest);
        }
    }

    /// <summary>Somebody waited for us, or we for somebody: half of it.</summary>
    public void Shrink() => _rows = Math.Max(Smallest, _rows / 2);
}
