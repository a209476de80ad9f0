using System.Globalization;

namespace Maintenance.Engine.Retention;

/// <summary>What kind of time a column holds.</summary>
internal enum TimeKind
{
    /// <summary>timestamptz: a moment.</summary>
    Moment = 0,

    /// <summary>timestamp: what a clock on the wall showed, in a zone that only people know.</summary>
    WallClock,

    /// <summary>date: a whole day.</summary>
    Day,
}

/// <summary>The moment before which rows are past their age, and the same as a value of their time column. Pure.</summary>
/// <param name="Moment">The moment (UTC).</param>
/// <param name="Value">
/// The column's value that a row must be below, as text that PostgreSQL reads: no row below it can mean a moment after the cut-off.
/// </param>
internal sealed record CutOff(DateTimeOffset Moment, string Value)
{
    /// <summary>The cut-off of a policy.</summary>
    /// <param name="now">The server's time.</param>
    /// <param name="age">How long rows are kept.</param>
    /// <param name="kind">What their time column holds.</param>
    /// <param name="zone">Where its clocks hang, for a column without a zone.</param>
    public static CutOff Of(DateTimeOffset now, TimeSpan age, TimeKind kind, TimeZoneInfo zone)
    {
        // Microseconds, the server's own precision: what it cuts off must not make a row older than it is.
        var moment = now.ToUniversalTime() - age;
        moment = moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerMicrosecond));
        return new CutOff(moment, kind switch
        {
            TimeKind.Moment => moment.ToString("yyyy-MM-dd HH:mm:ss.ffffff'+00'", CultureInfo.InvariantCulture),
            TimeKind.WallClock => WallClock(moment, zone).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
            _ => WallClock(moment, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        });
    }

    /// <summary>The cut-off where a partition begins.</summary>
    /// <param name="microseconds">Its begin since 1970, as the server counts; for a column without a zone what the clock on the wall shows. Null for no begin.</param>
    /// <param name="kind">What the time column holds.</param>
    /// <param name="zone">Where its clocks hang, for a column without a zone.</param>
    public static CutOff At(long? microseconds, TimeKind kind, TimeZoneInfo zone)
    {
        var begin = microseconds is { } since && since > DateTimeOffset.MinValue.UtcTicks / 10 - DateTimeOffset.UnixEpoch.UtcTicks / 10 && since < DateTimeOffset.MaxValue.UtcTicks / 10 - DateTimeOffset.UnixEpoch.UtcTicks / 10
            ? DateTimeOffset.UnixEpoch.AddTicks(since * TimeSpan.TicksPerMicrosecond)
            : DateTimeOffset.MinValue;
        if (kind != TimeKind.Moment && begin > DateTimeOffset.MinValue.AddDays(2))
        {
            var wall = DateTime.SpecifyKind(begin.DateTime, DateTimeKind.Unspecified);
            begin = new DateTimeOffset(wall - (zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Min() : zone.GetUtcOffset(wall)), TimeSpan.Zero);
        }

        return Of(begin, TimeSpan.Zero, kind, zone);
    }

    // When clocks are set back, an hour is shown twice. While it is shown for the first time, a reading of it may mean the second, which
    // is still to come: only what was shown before that hour is surely past.
    private static DateTime WallClock(DateTimeOffset moment, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(moment, zone).DateTime;
        if (!zone.IsAmbiguousTime(local))
        {
            return local;
        }

        var offsets = zone.GetAmbiguousTimeOffsets(local);
        var isFirst = zone.GetUtcOffset(moment) == offsets.Max();
        if (!isFirst)
        {
            return local;
        }

        // The hour begins where the clock will be set back to: the moment of the change, in the later offset.
        var change = moment;
        var step = TimeSpan.FromHours(1);
        while (step >= TimeSpan.FromSeconds(1))
        {
            while (zone.GetUtcOffset(change + step) == offsets.Max())
            {
                change += step;
            }

            step /= 60;
        }

        // Clocks are changed at a full second; up to one is missing.
        change = change.AddTicks(TimeSpan.TicksPerSecond - (change.Ticks % TimeSpan.TicksPerSecond));
        var start = (change + offsets.Min()).DateTime;
        return start < local ? start : local;
    }
}
