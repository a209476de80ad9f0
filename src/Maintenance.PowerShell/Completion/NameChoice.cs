namespace Maintenance.Completion;

/// <summary>A name that could be meant.</summary>
/// <param name="Name">The name, as the parameter takes it.</param>
/// <param name="ToolTip">What is said of it.</param>
internal sealed record NameChoice(string Name, string ToolTip)
{
    /// <summary>A name of which nothing more is said.</summary>
    public NameChoice(string name)
        : this(name, name)
    {
    }

    /// <summary>A number, size or duration: PowerShell takes it for what it is only without quotes.</summary>
    public bool IsValue { get; init; }
}
