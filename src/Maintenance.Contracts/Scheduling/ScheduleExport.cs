namespace Maintenance;

/// <summary>A schedule, as another scheduler reads it.</summary>
public sealed record ScheduleExport
{
    /// <summary>The files.</summary>
    public required IReadOnlyList<ScheduleFile> Files { get; init => field = Readable.Copy(value); }

    /// <summary>What the scheduler cannot do as it is scheduled, and what was done instead; a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;
}

/// <summary>One file of an exported schedule.</summary>
/// <param name="Name">Its usual name.</param>
/// <param name="Text">Its content.</param>
public sealed record ScheduleFile(string Name, string Text);
