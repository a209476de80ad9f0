using System.Management.Automation;
using System.Management.Automation.Language;

namespace Maintenance.Completion;

/// <summary>Turns names into completions: filtered by what was typed, quoted where PowerShell needs it.</summary>
internal static class Completions
{
    public static IEnumerable<CompletionResult> Matching(string? word, IEnumerable<(string Name, string ToolTip)> names)
    {
        var typed = (word ?? "").Trim('\'', '"');
        return names
            .Where(candidate => candidate.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(candidate => new CompletionResult(Quote(candidate.Name), candidate.Name, CompletionResultType.ParameterValue, candidate.ToolTip));
    }

    private static string Quote(string name) =>
        name.All(character => char.IsLetterOrDigit(character) || character is '_' or '-' or '.')
            ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
