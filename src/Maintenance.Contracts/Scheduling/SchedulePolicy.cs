namespace Maintenance;

/// <summary>When the tasks of a target run, where that differs from the maintenance matrix.</summary>
public sealed record SchedulePolicy
{
    /// <summary>IANA name of the time zone in which schedules are read, unless a task names its own. Default UTC.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>Changes by the task's name; a composite (Daily, Weekly, Monthly, Quarterly) is scheduled by naming it here.</summary>
    public IReadOnlyDictionary<string, TaskSchedule> Tasks { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, TaskSchedule>());
}

/// <summary>How one task of a target is scheduled. What is not said stays as the matrix has it.</summary>
public sealed record TaskSchedule
{
    /// <summary>
    /// When it runs: five fields as in a crontab (minute, hour, day of month, month, day of week), where a day of the week may be the nth of a
    /// month (SUN#1) or the last (SUNL). Null for the matrix.
    /// </summary>
    public string? Cron { get; init; }

    /// <summary>IANA name of the time zone it is read in. Null for the policy's.</summary>
    public string? TimeZone { get; init; }

    /// <summary>False for a task that is not scheduled at all. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How long a run may take. Null for the task's own limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A person's approval of runs to come. Null: a task that wants approval stops for it.</summary>
    public TaskApproval? Approval { get; init; }
}
