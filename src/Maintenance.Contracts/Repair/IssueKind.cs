namespace Maintenance;

/// <summary>A kind of issue that is looked for.</summary>
/// <param name="Id">Its stable id, that of the finding.</param>
/// <param name="Area">The area of the system it belongs to.</param>
/// <param name="Title">What it is, in a few words.</param>
public sealed record IssueKind(string Id, string Area, string Title)
{
    /// <inheritdoc/>
    public override string ToString() => Id;
}
