using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>One action while it is being done, over all its attempts.</summary>
internal sealed class ReindexWork(DbAction action)
{
    public DbAction Action { get; set; } = action;

    public int Attempts { get; set; }

    /// <summary>What was known before the first attempt; null until then.</summary>
    public RebuildOrigin? Origin { get; set; }

    public Dictionary<string, object?> Effect { get; } = [];

    /// <summary>How long it took, all attempts together.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Whether it is decided what became of it.</summary>
    public bool IsOver => Action.State != StepState.Planned;

    /// <summary>Remains that could not be dropped.</summary>
    public IReadOnlyList<DbAction> Remains { get; set; } = [];

    /// <summary>Notes that the new index is in place.</summary>
    public void Succeed(IndexState successor)
    {
        Effect["OldOid"] = Origin!.IndexOid;
        Action = Action with
        {
            State = StepState.Done,
            Oid = successor.Oid,
            SizeBytesAfter = successor.SizeBytes,
            Error = null,
            Recommendation = null,
            Message = string.Create(CultureInfo.InvariantCulture, $"Rebuilt: {Action.SizeBytes / 1048576.0:0.0} MB before, {successor.SizeBytes / 1048576.0:0.0} MB after."),
        };
    }
}
