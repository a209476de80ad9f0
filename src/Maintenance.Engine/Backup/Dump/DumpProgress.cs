using static System.FormattableString;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>Tells how far a dump is. How large it will be is not known before; what is said of it is an estimate, and says so.</summary>
/// <param name="sink">Where to tell.</param>
/// <param name="plan">What is dumped.</param>
internal sealed class DumpProgress(IMaintenanceSink sink, BackupPlan plan)
{
    private const int Interval = 1 << 20;
    private readonly string _activity = $"Backing up {plan.Database} on {plan.Target}";
    private long _bytes;
    private long _told;
    private string _tables = "";

    /// <summary>Tells what is done that has no bytes.</summary>
    public void Tell(string status) => sink.Progress(new ProgressUpdate(_activity, status));

    /// <summary>Counts bytes, and tells now and then.</summary>
    public void Add(int bytes)
    {
        _bytes += bytes;
        if (_bytes - _told >= Interval)
        {
            _told = _bytes;
            sink.Progress(new ProgressUpdate(_activity, Status(), Percent()));
        }
    }

    /// <summary>Notes how many tables were counted.</summary>
    public void Counted(int tables, int of) => _tables = Invariant($", rows of {tables} of {of} tables counted");

    public void Done() => sink.Progress(new ProgressUpdate(_activity, "Done", Completed: true));

    private string Status() => plan.EstimatedBytes is { } expected
        ? Invariant($"{Size(_bytes)} of about {Size(expected)}, estimated from the backup before{_tables}")
        : Invariant($"{Size(_bytes)}; the database has {Size(plan.DatabaseSizeBytes)}{_tables}");

    private int? Percent() => plan.EstimatedBytes is { } expected and > 0 ? (int)Math.Min(99, 100 * _bytes / expected) : null;

    private static string Size(long bytes) => bytes >= 1 << 30 ? Invariant($"{bytes / (double)(1 << 30):0.0} GB") : Invariant($"{bytes / (double)(1 << 20):0.0} MB");
}
