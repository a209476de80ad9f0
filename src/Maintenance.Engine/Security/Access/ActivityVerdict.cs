using System.Globalization;

namespace Maintenance.Engine.Security.Access;

/// <summary>Whether a role was used lately, and what that rests on.</summary>
internal sealed record ActivityVerdict(RoleActivity Activity, string Note)
{
    /// <summary>So many samples there have to be at least within the time for "not seen" to mean anything.</summary>
    public const int FewestSamples = 30;

    /// <summary>No gap between samples may be longer than this share of the time.</summary>
    public const double LargestGapShare = 1.0 / 12;

    public DateTimeOffset? LastActivityAt { get; init; }

    public RoleActivitySource Source { get; init; }

    public DbRoleWatch? Watch { get; init; }

    /// <summary>Nothing was watched.</summary>
    public static ActivityVerdict NotWatched(string reason) => new(RoleActivity.Unknown, reason);

    /// <summary>Judges one role. Pure.</summary>
    /// <param name="role">What is known of it.</param>
    /// <param name="times">When samples were taken, oldest first, this one among them.</param>
    /// <param name="countedSince">Since when statements were counted without a break. No proof of anything: who logs in and runs none, or only such as fail, is not counted.</param>
    /// <param name="inactiveAfter">After how long without activity it is inactive.</param>
    /// <param name="now">Now.</param>
    public static ActivityVerdict Of(WatchedRole role, IReadOnlyList<DateTimeOffset> times, DateTimeOffset? countedSince, TimeSpan inactiveAfter, DateTimeOffset now)
    {
        var start = now - inactiveAfter;
        // Before the role's first sample nobody watched: that is no gap, and Since tells it.
        var from = role.KnownSince > start ? role.KnownSince : start;
        var window = times.Where(time => time >= from && time <= now).ToList();
        var gap = window.Prepend(from).Zip(window.Append(now), (one, other) => other - one).Max();
        var watch = new DbRoleWatch { Since = role.KnownSince, Samples = window.Count, LargestGap = gap, CountedSince = countedSince };
        var (activity, note) = Judge(role, watch, start, inactiveAfter, now);
        return new ActivityVerdict(activity, note) { LastActivityAt = role.LastActivityAt, Source = role.Source, Watch = watch };
    }

    private static (RoleActivity Activity, string Note) Judge(WatchedRole role, DbRoleWatch watch, DateTimeOffset start, TimeSpan inactiveAfter, DateTimeOffset now)
    {
        if (role.LastActivityAt is { } last && last > start)
        {
            return (RoleActivity.Active, role.Source switch
            {
                RoleActivitySource.Session => $"Active at {Text(last)}, says its session.",
                RoleActivitySource.Connected => $"Connected at {Text(last)}; what it did is hidden from this role.",
                _ => $"Its statements had become more by {Text(last)}.",
            });
        }

        var seen = role.LastActivityAt is { } earlier ? $"Last seen at {Text(earlier)}, watched since {Text(watch.Since)}" : $"Not seen since {Text(watch.Since)}, the first sample";
        var closely = $"{watch.Samples} sample(s) in {Days(inactiveAfter)}, largest gap {Days(watch.LargestGap)}";
        if (watch.Since > start)
        {
            return (RoleActivity.Unknown, $"{seen}. It has been watched for {Days(now - watch.Since)} of the {Days(inactiveAfter)} after which it would be inactive.");
        }

        return watch.Samples >= FewestSamples && watch.LargestGap <= inactiveAfter * LargestGapShare
            ? (RoleActivity.Inactive, $"{seen}; {closely}. A session that fell between two samples was not seen{(watch.CountedSince <= start ? ", unless a statement of it succeeded" : "")}.")
            : (RoleActivity.Unknown, $"{seen}, but not closely enough: {closely}. It takes {FewestSamples} samples and no gap longer than {Days(inactiveAfter * LargestGapShare)}.");
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    private static string Days(TimeSpan time) => time < TimeSpan.FromDays(2)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days");
}
