namespace Maintenance.Engine.Notify;

/// <summary>Makes text from outside fit for a payload.</summary>
internal static class PayloadText
{
    /// <summary>Without control characters other than line feeds, and no longer than it may be.</summary>
    public static string Of(string text, int most)
    {
        var clean = string.Concat(text.Where(character => character == '\n' || !(char.IsControl(character) || IsHidden(character))));
        if (clean.Length <= most)
        {
            return clean;
        }

        // Not through the middle of a character that takes two.
        var end = char.IsHighSurrogate(clean[most - 2]) ? most - 2 : most - 1;
        return clean[..end] + "…";
    }

    /// <summary>Whether a character turns the direction of what follows, to make it look like something else.</summary>
    public static bool IsHidden(char character) => character is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F';
}
