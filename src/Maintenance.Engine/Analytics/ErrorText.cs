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

    /// <summary>
    /// Other text from outside, with its numbers: no addresses of people or machines, no telephone numbers, no identifiers, no control
    /// characters, one line.
    /// </summary>
    /// <param name="text">The text.</param>
    public static string Harmless(string text)
    {
        var harmless = text.Length > 1000 ? text[..1000] : text;
        harmless = Email().Replace(harmless, "<email>");
        harmless = Identifier().Replace(harmless, "<id>");
        harmless = Address().Replace(harmless, "<ip>");
        harmless = Telephone().Replace(harmless, "<phone>");
        harmless = Unprintable().Replace(harmless, " ").Trim();
        return harmless.Length > 500 ? harmless[..499] + "…" : harmless;
    }

    [GeneratedRegex(@"[^\s\p{C}<>""'=:]+@[^\s\p{C}<>""']+")]
    private static partial Regex Email();

    // A UUID, or sixteen and more hexadecimal digits of which one is a figure: hashes, keys, tokens.
    [GeneratedRegex(@"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b|\b(?=[a-fA-F]*[0-9])[0-9a-fA-F]{16,}\b|\beyJ[\w.-]{8,}")]
    private static partial Regex Identifier();

    // The short form of IPv6 needs a figure, so that ordinary colons stay.
    [GeneratedRegex(@"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b|(?<![\w:])(?=[0-9a-fA-F:]*[0-9])(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?::(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?(?![\w:])")]
    private static partial Regex Address();

    // Numbers as people write those of telephones: with + or 00 before the country, with 0 before the place, in groups of three, three and
    // four, or ten and more figures in a row. Seven figures at least, and no dates.
    [GeneratedRegex(@"(?<!\d)(?<!\d[.,:/-])(?!\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?!\d))(?=(?:[^\d\w]{0,3}\d){7})(?:(?:\+|00)[ (]?\d[\d ().\/-]{4,20}\d|\(?0\d{1,5}\)?[ \/.-]{0,3}\d{2,}(?:[ .-]\d{2,})*|(?:1[ .-])?\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}|\d{10,})(?!\d)")]
    private static partial Regex Telephone();

    [GeneratedRegex(@"""[^""]*""|'[^']*'|`[^`]*`|“[^”]*”")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[+-]?\d+(?:[.,]\d+)*")]
    private static partial Regex Number();

    [GeneratedRegex(@"[\p{C}\p{Zl}\p{Zp}\s]+")]
    private static partial Regex Unprintable();
}
