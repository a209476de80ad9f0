using System.Globalization;
using Maintenance.Engine.Retention;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>Where rows go in a fault run, and in which way.</summary>
internal enum FaultKind
{
    /// <summary>Row batches that delete.</summary>
    Delete = 0,

    /// <summary>Row batches that move rows to another table.</summary>
    Table,

    /// <summary>Files in a folder.</summary>
    Folder,

    /// <summary>Files in a container of Azurite.</summary>
    Blob,

    /// <summary>Partitions that move whole to another table, and row batches for the others.</summary>
    Partitions,

    /// <summary>Partitions that are dropped, and row batches that delete.</summary>
    DroppedPartitions,

    /// <summary>Rows that come back from another table.</summary>
    RestoreTable,

    /// <summary>Rows that come back from files in a folder.</summary>
    RestoreFolder,
}

/// <summary>What happens to a run.</summary>
internal enum FaultEvent
{
    /// <summary>The process dies by SIGKILL between two steps.</summary>
    ProcessAtStep = 0,

    /// <summary>The process dies by SIGKILL at any moment.</summary>
    ProcessAtAnyTime,

    /// <summary>The server ends the session that takes rows, between two steps.</summary>
    WorkerAtStep,

    /// <summary>The server ends the session that takes rows, at any moment.</summary>
    WorkerAtAnyTime,

    /// <summary>The server ends the session that holds the lock, and somebody begins a second run at once, beside the first that does not know yet.</summary>
    LockAndSecondRun,

    /// <summary>The server ends the session of the watchdog.</summary>
    Watchdog,

    /// <summary>The archive store does not answer any more, from between two steps on.</summary>
    StoreAtStep,

    /// <summary>The archive store does not answer any more, from any moment on.</summary>
    StoreAtAnyTime,
}

/// <summary>One fault run: everything about it that does not depend on how the sessions of the server come together follows from its seed.</summary>
internal sealed record FaultCase
{
    private static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    // Every kind of rows' way with every step of it, and each other event.
    private static readonly (FaultKind Kind, FaultEvent Event, FaultPoint? Point)[] Cells =
    [
        .. from kind in Kinds
           from cell in StepsOf(kind).Select(step => (FaultEvent.ProcessAtStep, (FaultPoint?)step))
               .Concat(StepsOf(kind).Select(step => (FaultEvent.WorkerAtStep, (FaultPoint?)step)))
               .Concat([(FaultEvent.ProcessAtAnyTime, null), (FaultEvent.WorkerAtAnyTime, null), (FaultEvent.LockAndSecondRun, null), (FaultEvent.Watchdog, null)])
               .Concat(kind is FaultKind.Folder or FaultKind.Blob or FaultKind.RestoreFolder ? [.. StepsOf(kind).Select(step => (FaultEvent.StoreAtStep, (FaultPoint?)step)), (FaultEvent.StoreAtAnyTime, null)] : [])
           select (kind, cell.Item1, cell.Item2),
    ];

    private static readonly string[] TimeTypes = ["timestamptz", "timestamptz", "timestamp", "date"];

    private FaultCase(int seed)
    {
        var random = new Random(seed);
        var cell = (seed - 1) % Cells.Length;
        var round = (seed - 1) / Cells.Length;
        Seed = seed;
        (Kind, Event, Point) = Cells[cell];
        Major = (cell + round) % 2 == 0 ? 15 : 18;
        TimeType = TimeTypes[random.Next(TimeTypes.Length)];
        // A partition with a row on hold does not go whole.
        HasHold = random.Next(IsPartitioned ? 6 : 2) == 0 && (Point is null || !IsPartitioned);
        HasDefault = IsPartitioned && random.Next(2) == 0;
        Verify = random.Next(2) == 0;
        Rows = 1200 + random.Next(1200);
        Occurrence = Point is { } point ? 1 + random.Next(MostOf(point)) : 1 + random.Next(8);
        Delay = TimeSpan.FromMilliseconds(random.Next(150));
        StrikesAgain = random.Next(4) == 0;
    }

    /// <summary>How many different ways there are for a run to fail: after so many seeds each was there.</summary>
    public static int Count => Cells.Length;

    public int Seed { get; }

    public int Major { get; }

    public FaultKind Kind { get; }

    public FaultEvent Event { get; }

    /// <summary>The step; null for events at any other time.</summary>
    public FaultPoint? Point { get; }

    /// <summary>At which time that the step is reached; without one, at which step of any kind.</summary>
    public int Occurrence { get; }

    /// <summary>For events at any time: how long after the first step.</summary>
    public TimeSpan Delay { get; }

    public string TimeType { get; }

    public bool HasHold { get; }

    public bool IsRestore => Kind is FaultKind.RestoreTable or FaultKind.RestoreFolder;

    public bool IsPartitioned => Kind is FaultKind.Partitions or FaultKind.DroppedPartitions;

    /// <summary>Whether the table, and the archive, have a DEFAULT partition.</summary>
    public bool HasDefault { get; }

    /// <summary>Whether there is a partition for any time.</summary>
    public bool HasPlaceForAll => !IsPartitioned || HasDefault;

    public RetentionAction Action => Kind switch
    {
        FaultKind.Delete or FaultKind.DroppedPartitions => RetentionAction.Delete,
        FaultKind.Folder or FaultKind.Blob or FaultKind.RestoreFolder => RetentionAction.ArchiveToBlob,
        _ => RetentionAction.ArchiveToTable,
    };

    public bool Verify { get; }

    /// <summary>Rows at the beginning.</summary>
    public int Rows { get; }

    /// <summary>The run after it fails in the same way.</summary>
    public bool StrikesAgain { get; }

    public static FaultCase Of(int seed) => new(seed);

    /// <summary>An ordinary one of a kind: moments, and nothing on hold.</summary>
    public static FaultCase First(int major, FaultKind kind) =>
        Enumerable.Range(1, int.MaxValue).Select(Of).First(@case => @case is { HasHold: false, TimeType: "timestamptz" } && @case.Major == major && @case.Kind == kind);

    /// <summary>The steps of a way.</summary>
    public static FaultPoint[] StepsOf(FaultKind kind) => kind switch
    {
        FaultKind.Folder or FaultKind.Blob =>
        [
            FaultPoint.ArchiveRegistered, FaultPoint.PartStaged, FaultPoint.PartStored, FaultPoint.PartTaken, FaultPoint.PartCommitted,
            FaultPoint.ManifestStored, FaultPoint.ArchiveFinished,
        ],
        FaultKind.Partitions or FaultKind.DroppedPartitions =>
        [
            FaultPoint.PartitionRegistered, FaultPoint.PartitionDetached, FaultPoint.PartitionPlaced, FaultPoint.PartitionMoved,
            FaultPoint.BatchTaken, FaultPoint.BatchCommitted,
        ],
        FaultKind.RestoreFolder => [FaultPoint.PartRestored, FaultPoint.RestoreCommitted],
        _ => [FaultPoint.BatchTaken, FaultPoint.BatchCommitted],
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: {Kind} on PostgreSQL {Major}, {Event}{(Point is { } point ? $" {point} #{Occurrence}" : Event is FaultEvent.ProcessAtAnyTime or FaultEvent.WorkerAtAnyTime or FaultEvent.StoreAtAnyTime ? $" {Delay.TotalMilliseconds:0} ms after the first step" : $" at step {Occurrence}")}{(StrikesAgain ? ", twice" : "")}; {TimeType}{(HasHold ? ", hold" : "")}{(HasDefault ? ", default partition" : "")}{(Verify ? ", verified" : "")}, {Rows} rows");

    // How often a step comes at least.
    private static int MostOf(FaultPoint point) => point switch
    {
        FaultPoint.BatchTaken or FaultPoint.BatchCommitted => 6,
        FaultPoint.PartStaged or FaultPoint.PartStored or FaultPoint.PartTaken or FaultPoint.PartCommitted or FaultPoint.PartRestored or FaultPoint.RestoreCommitted
            or FaultPoint.PartitionDetached or FaultPoint.PartitionPlaced or FaultPoint.PartitionMoved => 3,
        _ => 1,
    };
}
