using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Azure;

/// <summary>One check: a resource in, what is wrong out. It reads nothing itself.</summary>
/// <param name="Id">Stable identifier.</param>
/// <param name="Title">What is so where all is well, as a sentence without its full stop.</param>
/// <param name="Severity">How much it matters at most; a fault may matter less.</param>
/// <param name="Kind">What it looks at.</param>
/// <param name="Evaluate">Judges one resource; an <see cref="AzureGapException"/> says that it cannot.</param>
internal sealed record AzureCheck(string Id, string Title, FindingSeverity Severity, AzureKind Kind, Func<AzureResource, IEnumerable<AzureFault>> Evaluate)
{
    /// <summary>What to do about a fault.</summary>
    public required string Recommendation { get; init; }

    /// <summary>Other kinds that it looks at.</summary>
    public IReadOnlyList<AzureKind> AlsoKinds { get; init; } = [];

    /// <summary>Sections of the CIS Microsoft Azure Foundations Benchmark 2.0.0.</summary>
    public IReadOnlyList<string> Cis { get; init; } = [];
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Subject">The thing.</param>
/// <param name="Message">One sentence that names it.</param>
internal sealed record AzureFault(string Subject, string Message)
{
    public IReadOnlyDictionary<string, object?> Evidence { get; init; } = new Dictionary<string, object?>();

    /// <summary>If it matters less than the check says.</summary>
    public FindingSeverity? Severity { get; init; }

    /// <summary>A command that would mend it, for a person to read and run; null where there is none to give.</summary>
    public string? Command { get; init; }
}

/// <summary>Commands to copy. A name that a shell could take for something else makes none.</summary>
internal static partial class AzCommand
{
    /// <summary>A command about a resource, with its name and group.</summary>
    public static string? For(AzureResource resource, string command, string change) =>
        Of($"az {command} --name '{{0}}' --resource-group '{{1}}' {change}", resource.Name, resource.Group);

    /// <summary>A command with names in it.</summary>
    public static string? Of(string format, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!Harmless().IsMatch(name))
            {
                return null;
            }
        }

        return string.Format(System.Globalization.CultureInfo.InvariantCulture, format, [.. names]);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_().-]+\z")]
    private static partial Regex Harmless();
}
