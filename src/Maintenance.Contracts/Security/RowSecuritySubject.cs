namespace Maintenance;

/// <summary>Somebody made up: a role, and what a request of theirs says of them.</summary>
/// <param name="Name">What to call them.</param>
/// <param name="Role">The role they act as.</param>
public sealed record RowSecuritySubject(string Name, string Role)
{
    /// <summary>The claims of their token, a JSON object: <c>{"sub":"…","role":"authenticated"}</c>. Null for none.</summary>
    public string? Claims { get; init; }

    /// <summary>True for somebody whom nothing in the database can belong to.</summary>
    public bool IsStranger { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
