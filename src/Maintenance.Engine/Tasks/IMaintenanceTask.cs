using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Tasks;

/// <summary>A task of the maintenance matrix: planned first, then run.</summary>
internal interface IMaintenanceTask
{
    /// <summary>Name by which it is invoked.</summary>
    string Name { get; }

    /// <summary>One sentence: what it is for.</summary>
    string Description { get; }

    /// <summary>
    /// True for a task that changes the system: it runs inside the target's windows alone, and under its lock or not at all. A task
    /// that only looks runs whenever it is asked to, and looks at the rest where the database cannot be locked.
    /// </summary>
    bool ChangesSystem { get; }

    /// <summary>True for a task whose steps are checks.</summary>
    bool Checks => !ChangesSystem;

    /// <summary>Name of the lock in the database that keeps a second run away; null for a task that needs none there. Not null for one that changes the system.</summary>
    string? LockName { get; }

    /// <summary>True for a task of which people are told, and whose log is published, only where something is wrong.</summary>
    bool AnnouncesTroubleAlone => false;

    /// <summary>Whom it tells what, for its plan.</summary>
    string Announcement => AnnouncesTroubleAlone
        ? "Tell on Default what could not be done, if there is anything"
        : "Tell the summary on Default";

    /// <summary>The step that only puts the others together; null where there is none.</summary>
    string? OverallStep => null;

    /// <summary>Folder in the artefact store for its logs.</summary>
    string LogFolder { get; }

    /// <summary>How long it may take unless the caller says otherwise.</summary>
    TimeSpan DefaultTimeout { get; }

    /// <summary>What it would do for a target. Changes nothing and asks no server.</summary>
    IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target);

    /// <summary>What it would do to objects of the database now, for a person to approve; nothing for a task that cannot tell beforehand. Changes nothing.</summary>
    IAsyncEnumerable<DbAction> PreviewAsync(TaskContext context) => AsyncEnumerable.Empty<DbAction>();

    /// <summary>True if an empty preview means that there is nothing to do.</summary>
    bool CanPreview => false;

    /// <summary>Does it.</summary>
    Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken);

    /// <summary>What people are told of a run that came to its end.</summary>
    IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run);
}

/// <summary>What a task brings to its run.</summary>
internal sealed record TaskOutcome(IReadOnlyList<MaintenanceStep> Steps, IReadOnlyList<Metric> Metrics, IReadOnlyList<Finding> Findings)
{
    /// <summary>What came of it, in a sentence, for a run in which nothing is wrong; null for that every step was done.</summary>
    public string? Summary { get; init; }

    /// <summary>What was done to objects of the database.</summary>
    public IReadOnlyList<DbAction> Actions { get; init; } = [];

    /// <summary>False for a run that is like the one before: nobody is told of it, and it leaves neither a log nor a record.</summary>
    public bool IsNews { get; init; } = true;

    /// <summary>What people are told, where the task knows more than is in the run; null for what it makes of the run.</summary>
    public IReadOnlyList<NotificationMessage>? Messages { get; init; }

    /// <summary>Reports of its own, kept and published beside the log.</summary>
    public IReadOnlyList<TaskDocument> Documents { get; init; } = [];
}

/// <summary>A file of a run.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Folder">Its folder in the artefact store.</param>
/// <param name="Stem">How its name there begins; the day follows.</param>
/// <param name="Extension">The extension, without a dot.</param>
/// <param name="Text">Its content.</param>
internal sealed record TaskDocument(string Kind, string Folder, string Stem, string Extension, string Text);

/// <summary>What a running task works with.</summary>
internal sealed record TaskContext(MaintenanceTarget Target, CallContext Call, Deadline Deadline, TimeProvider Time)
{
    private readonly List<MaintenanceStep> _finished = [];

    /// <summary>Whether a person has approved.</summary>
    public ApprovalCheck Approval { get; init; } = ApprovalCheck.NotNeeded;

    /// <summary>The same run under another end of its time; the finished steps are the same list.</summary>
    public TaskContext Under(Deadline deadline) => this with { Deadline = deadline };

    /// <summary>The steps that were over when somebody stopped the run.</summary>
    public IReadOnlyList<MaintenanceStep> Finished => _finished;

    /// <summary>Keeps a step that is over, for a run that is stopped in the middle of the next.</summary>
    public void Report(MaintenanceStep step) => _finished.Add(step);
}
