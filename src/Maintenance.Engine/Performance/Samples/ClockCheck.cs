using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>
/// Whether the time is known well enough to forget by it: by a clock that runs ahead everything is too old. The server's clock has to say the same, and
/// after a long absence, which a wrong clock looks like where both are of one machine, a day has to pass. Pure.
/// </summary>
internal static class ClockCheck
{
    private const string Absent = "Absence";

    /// <summary>After so long without a sample either nobody measured, or the clock is wrong.</summary>
    private static readonly TimeSpan LongAbsence = TimeSpan.FromDays(2);

    /// <summary>So long nothing is forgotten after that.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromDays(1);

    /// <summary>How far clocks may be apart.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Why this clock is not the server's; null where both agree.</summary>
    /// <param name="state">With the clocks at the last sample.</param>
    /// <param name="now">This clock.</param>
    public static string? Disagreement(SampleState state, DateTimeOffset now) => state.Counters switch
    {
        null => "The database server's clock could not be read.",
        { } read when (now - read.At).Duration() > 2 * Tolerance => "The database server's clock could not be read this time.",
        { } read when (read.At - read.ServerAt).Duration() > Tolerance => Say.Text($"This machine's clock is {Say.Duration((read.At - read.ServerAt).Duration())} {(read.At > read.ServerAt ? "ahead of" : "behind")} the database server's."),
        _ => null,
    };

    /// <summary>Why nobody was here for long, as it seems; null where a day has passed since, or nobody was away.</summary>
    /// <param name="state">Remembers when whoever was away came back.</param>
    /// <param name="lastSample">When the sample before was taken.</param>
    /// <param name="now">This clock.</param>
    public static string? Absence(SampleState state, DateTimeOffset? lastSample, DateTimeOffset now)
    {
        if (now - lastSample > LongAbsence)
        {
            state.Taken[Absent] = now;
        }

        return state.Taken.TryGetValue(Absent, out var back) && now >= back && now - back < Wait
            ? Say.Text($"Before {back.UtcDateTime:yyyy-MM-dd HH:mm} UTC no sample was taken for more than {Say.Duration(LongAbsence)}. In case the clock is wrong, old samples are left as they are for a day.")
            : null;
    }
}
