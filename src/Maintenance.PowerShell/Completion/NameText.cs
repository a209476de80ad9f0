using System.Globalization;
using System.Management.Automation.Language;
using System.Text;

namespace Maintenance.Completion;

/// <summary>Names as they stand on a line of PowerShell: whatever is in them, the line says just the name. Pure.</summary>
internal static class NameText
{
    private const string DoubleQuotes = "\"\u201C\u201D\u201E";
    private const string SingleQuotes = "'\u2018\u2019\u201A\u201B";

    /// <summary>What was typed, without the quotes around it.</summary>
    /// <param name="word">The word; PowerShell closes quotes that are open.</param>
    public static string Unquote(string word) =>
        Opening(word) is not { } quotes ? word
        : word.Length > 1 && quotes.Contains(word[^1], StringComparison.Ordinal) ? word[1..^1]
        : word[1..];

    /// <summary>A name within the quotes that were typed, or in those that it needs.</summary>
    /// <param name="name">The name.</param>
    /// <param name="word">The word that it takes the place of.</param>
    public static string Quote(string name, string word) => Opening(word) switch
    {
        DoubleQuotes => InDoubleQuotes(name),
        null when IsPlain(name) => name,
        _ => $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'",
    };

    /// <summary>True for what would end the line, or show another one than there is.</summary>
    /// <param name="character">A character of a name.</param>
    public static bool BreaksLine(char character) => char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string? Opening(string word) =>
        word.Length == 0 ? null
        : DoubleQuotes.Contains(word[0], StringComparison.Ordinal) ? DoubleQuotes
        : SingleQuotes.Contains(word[0], StringComparison.Ordinal) ? SingleQuotes
        : null;

    // What begins with a digit may be a number, and what begins with a hyphen a parameter.
    private static bool IsPlain(string name) =>
        (char.IsLetter(name[0]) || name[0] == '_') && name.All(character => char.IsLetterOrDigit(character) || character is '_' or '-' or '.' or '/');

    private static string InDoubleQuotes(string name)
    {
        var text = new StringBuilder("\"");
        foreach (var character in name)
        {
            text.Append(character is '`' or '$' || DoubleQuotes.Contains(character, StringComparison.Ordinal) ? "`" : "").Append(character);
        }

        return text.Append('"').ToString();
    }
}
