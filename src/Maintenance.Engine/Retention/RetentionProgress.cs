using System.Globalization;

namespace Maintenance.Engine.Retention;

/// <summary>Tells how far a policy is, how fast, and how long it will still take.</summary>
/// <param name="result">The policy as planned.</param>
/// <param name="sink">Where to tell.</param>
/// <param name="time">The clock.</param>
internal sealed class RetentionProgress(RetentionResult result, IMaintenanceSink sink, TimeProvider time)
{
    private const string Activity = "Invoke-DbRetention";

    private readonly long _started = time.GetTimestamp();

    /// <summary>Tells of so many rows.</summary>
    public void Tell(long rows)
    {
        var seconds = time.GetElapsedTime(_started).TotalSeconds;
        var rate = seconds > 0 ? rows / seconds : 0;
        var due = result.RowsDue ?? 0;
        var left = rate > 0 && due > rows ? TimeSpan.FromSeconds((due - rows) / rate) : TimeSpan.Zero;
        sink.Progress(new ProgressUpdate(
            Activity,
            string.Create(CultureInfo.InvariantCulture, $"{result.Schema}.{result.Name}: {rows:N0} of {due:N0} rows, {rate:N0} a second, {Math.Ceiling(left.TotalSeconds):0} s left"),
            due > 0 ? (int)Math.Min(100, 100 * rows / due) : null));
    }

    /// <summary>Ends it.</summary>
    public void Complete() => sink.Progress(new ProgressUpdate(Activity, "Done", 100, Completed: true));
}
