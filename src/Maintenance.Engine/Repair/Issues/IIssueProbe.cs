namespace Maintenance.Engine.Repair.Issues;

/// <summary>Looks for one thing that can be wrong with a system. It does the reading; what the figures mean is judged apart from it.</summary>
internal interface IIssueProbe
{
    /// <summary>What is looked at, as the subject of a sentence: "the sessions".</summary>
    string Name { get; }

    /// <summary>The kinds of finding it can give. The first stands for the probe as a whole: for what is well, and for what could not be measured.</summary>
    IReadOnlyList<IssueKind> Kinds { get; }

    /// <summary>
    /// Whether an issue is still the same one when it is found at another subject: errors do not go away by having another component named.
    /// </summary>
    bool IsOneIssue => false;

    /// <summary>Whether there is anything to look at; what a target leaves out on purpose is not.</summary>
    bool AppliesTo(MaintenanceTarget target) => true;

    /// <summary>
    /// Looks. Gives what is wrong, what could not be measured, or, if neither, one finding with outcome Pass that says what was measured.
    /// </summary>
    /// <exception cref="MaintenanceException">What kept it from looking; it becomes a finding that says so.</exception>
    Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken);
}
