using System.Management.Automation;
using Maintenance.Completion;

namespace Maintenance.Infrastructure;

/// <summary>A cmdlet that builds indexes beside the others' work, within limits.</summary>
public abstract class ConcurrentWorkCmdlet : MaintenanceCmdlet
{
    /// <summary>How long there is for all: a TimeSpan, 02:00:00 (2 hours), 30m. What is not predicted to fit is put off. Default: as long as it takes.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? Window { get; set; }

    /// <summary>When all must be over: a time, or 2h for two hours from now. What is not predicted to end by then is put off. Default: no end.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeadlineCompleter))]
    [TimeOrIn]
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>How long anybody may wait for a build before it gives way and is tried again: a TimeSpan, 500ms or 2s. Default: 1 second.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? MaximumBlock { get; set; }

    /// <summary>How old a transaction may be that a build would have to wait for; an older one puts it off: a TimeSpan, 5s or 1m. Default: 5 seconds.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? MaximumSnapshotAge { get; set; }

    /// <summary>The end of the window or the deadline, whichever comes first; null for no end.</summary>
    internal DateTimeOffset? End()
    {
        var end = TimeProvider.System.GetUtcNow() + Window;
        return end is null || Deadline < end ? Deadline?.ToUniversalTime() : end;
    }
}
