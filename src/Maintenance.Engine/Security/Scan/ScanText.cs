using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Makes what others wrote fit to be shown: one line, of bounded length, without control characters, secrets and e-mail addresses. Cleaning what is clean changes nothing.</summary>
internal static partial class ScanText
{
    private const string Cut = "...";

    /// <summary>Cleans a text of a scanner.</summary>
    /// <param name="text">The text; whatever a file name or a commit may hold can be in it.</param>
    /// <param name="longest">Where it is cut.</param>
    public static string Clean(string? text, int longest = 500)
    {
        if (text is null)
        {
            return "";
        }

        var line = new StringBuilder(Math.Min(text.Length, longest));
        foreach (var rune in Escapes().Replace(text.Length > longest * 4 ? text[..(longest * 4)] : text, "").EnumerateRunes())
        {
            // What reorders or hides text is as bad as what moves the cursor.
            var harmless = Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.Surrogate);
            if (harmless && !Rune.IsWhiteSpace(rune))
            {
                line.Append(rune.ToString());
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        var masked = Address().Replace(SecretDetector.Mask(line.ToString().TrimEnd()), "[e-mail address]");
        var isCut = masked.Length <= longest + Cut.Length && masked.EndsWith(Cut, StringComparison.Ordinal);
        return masked.Length > longest && !isCut ? masked[..longest].TrimEnd() + Cut : masked;
    }

    /// <summary>A sentence: cleaned, and ended by a full stop.</summary>
    public static string Sentence(string? text, int longest = 500) => Clean(text, longest) is { Length: > 0 } clean ? clean[^1] is '.' or '!' or '?' ? clean : clean + "." : "";

    // A version after a package's name, name@1.2.3-rc.one, is none.
    [GeneratedRegex(@"[A-Za-z0-9._%+-]{1,64}@(?=[A-Za-z])[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,}")]
    private static partial Regex Address();

    [GeneratedRegex(@"\x1B(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1B]*(\x07|\x1B\\)?|[@-Z\\-_])")]
    private static partial Regex Escapes();
}
