using System.Text.RegularExpressions;

namespace Maintenance.Engine.Analytics;

/// <summary>
/// Takes out of error messages what is different each time or may be personal: e-mail and network addresses, identifiers, quoted
/// texts, numbers. What remains is the kind of error. A name in plain words cannot be told from other words and stays.
/// </summary>
internal static partial class ErrorText
{
    private const int MaximumLength = 200;

    /// <summary>The kind of error a message tells of. Safe to show and to keep: no control characters, at most 200 characters.</summary>
    /// <param name="message">The message.</param>
    public static string Normalise(string message)
    {
        var text = message.Length > 4 * MaximumLength ? message[..(4 * MaximumLength)] : message;
        text = Email().Replace(text, "<email>");
        text = Identifier().Replace(text, "<id>");
        text = Address().Replace(text, "<ip>");
        text = Quoted().Replace(text, "<text>");
        text = Number().Replace(text, "<n>");
        text = Unprintable().Replace(text, " ").Trim();
        return text.Length > MaximumLength ? text[..(MaximumLength - 1)] + "…" : text;
    }

    /// <summary>Other text from outside, with its numbers: no addresses of people, no identifiers, no control characters, one line.</summary>
    /// <param name="text">The text.</param>
    public static string Harmless(string text)
    {
        var harmless = Unprintable().Replace(Identifier().Replace(Email().Replace(text.Length > 1000 ? text[..1000] : text, "<email>"), "<id>"), " ").Trim();
        return harmless.Length > 500 ? harmless[..499] + "…" : harmless;
    }

    [GeneratedRegex(@"[^\s\p{C}<>""'=:]+@[^\s\p{C}<>""']+")]
    private static partial Regex Email();

    // A UUID, or sixteen and more hexadecimal digits of which one is a figure: hashes, keys, tokens.
    [GeneratedRegex(@"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b|\b(?=[a-fA-F]*[0-9])[0-9a-fA-F]{16,}\b|\beyJ[\w.-]{8,}")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b")]
    private static partial Regex Address();

    [GeneratedRegex(@"""[^""]*""|'[^']*'|`[^`]*`|“[^”]*”")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[+-]?\d+(?:[.,]\d+)*")]
    private static partial Regex Number();

    [GeneratedRegex(@"[\p{C}\p{Zl}\p{Zp}\s]+")]
    private static partial Regex Unprintable();
}
