namespace Maintenance.Engine.Backup;

/// <summary>When a backup was taken, from what its name says and when the store received it. Two clocks, either may lie.</summary>
internal static class BackupTime
{
    /// <summary>How far the clocks of the store, of whoever wrote the name, and ours may differ.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    /// <summary>How long making and sending a backup may take: our judgement, for dumps of a night.</summary>
    public static readonly TimeSpan TransferTime = TimeSpan.FromHours(6);

    /// <summary>
    /// The name decides, because copying a backup, or restoring it from another tier, renews the store's time and not its age.
    /// Within what the name leaves open (a name of the day alone leaves 24 hours) the store's time is taken. A file that came soon
    /// after is taken for one that was still being made or sent, and has the last moment that the name allows. One that came later
    /// was copied, and has the first: an old backup must not look younger than it can be shown to be.
    /// </summary>
    /// <remarks>
    /// A name that lies after the store received the file, beyond the skew, cannot be right (a local time east of UTC, a typing
    /// error, a forgery), and the store's time counts. If that lies in the future as well it is returned as it is, and the
    /// evaluator will not take it for a fresh backup.
    /// </remarks>
    public static (DateTimeOffset TakenAt, bool FromName) Resolve(NameDate? name, DateTimeOffset lastModified, DateTimeOffset now)
    {
        if (name is null)
        {
            return (lastModified, false);
        }

        var received = IsInFuture(lastModified, now) ? now : lastModified;
        if (name.From > received + ClockSkew)
        {
            return (lastModified, false);
        }

        var taken = received < name.From ? name.From
            : received < name.Until ? received
            : received < name.Until + TransferTime ? name.Until.AddTicks(-1)
            : name.From;
        return (taken, true);
    }

    /// <summary>True if a time lies ahead of the clock by more than the skew.</summary>
    public static bool IsInFuture(DateTimeOffset time, DateTimeOffset now) => time > now + ClockSkew;
}
