using System.Management.Automation.Language;

namespace Maintenance.Host;

/// <summary>Tells text that is only the beginning of a script.</summary>
internal static class IncompleteText
{
    /// <summary>What is missing; empty if the text is whole, or wrong in a way that more of it would not mend.</summary>
    public static ParseError[] Errors(string text)
    {
        Parser.ParseInput(text, out _, out var errors);
        return Array.Exists(errors, error => error.IncompleteInput) ? errors : [];
    }
}
