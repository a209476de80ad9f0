namespace Maintenance;

/// <summary>Where the engine tells what it is doing. Callers may be a pipeline, a test or a log.</summary>
/// <remarks>May be called from any thread. Implementations never block and never throw.</remarks>
public interface IMaintenanceSink
{
    /// <summary>Tells the story for those who ask for it. No secrets, no query literals.</summary>
    /// <param name="message">One sentence.</param>
    void Verbose(string message);

    /// <summary>Something the user should see although the work goes on.</summary>
    /// <param name="message">One sentence.</param>
    void Warning(string message);

    /// <summary>How far the work is.</summary>
    /// <param name="progress">The activity and its state.</param>
    void Progress(ProgressUpdate progress);
}

/// <summary>How far an activity is.</summary>
/// <param name="Activity">What is being done, stable over the whole activity.</param>
/// <param name="Status">What is being done right now.</param>
/// <param name="PercentComplete">0 to 100, or null if it is not known.</param>
/// <param name="Completed">True for the last update of the activity.</param>
public sealed record ProgressUpdate(string Activity, string Status, int? PercentComplete = null, bool Completed = false);
