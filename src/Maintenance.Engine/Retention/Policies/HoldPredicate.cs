namespace Maintenance.Engine.Retention;

/// <summary>
/// A legal hold is a piece of SQL that stands in parentheses in our statements. It must not be able to leave them: a hold that reads
/// <c>false) OR (true</c> would let every row go. So its text is read as PostgreSQL's scanner reads it, with
/// standard_conforming_strings on, and anything that is not one closed expression is refused. Pure.
/// </summary>
internal static class HoldPredicate
{
    /// <summary>What is wrong with a predicate; null if it stays in its parentheses. Whether it means anything, the server says.</summary>
    public static string? Check(string predicate)
    {
        var at = 0;
        var depth = 0;
        while (at < predicate.Length)
        {
            var character = predicate[at];
            if (character == '\0')
            {
                return "It holds a character that no SQL can.";
            }

            if (character is '\'' or '"')
            {
                if (!Quoted(predicate, ref at, escapes: character == '\'' && HasEscapes(predicate, at)))
                {
                    return "A quote in it is not closed.";
                }

                continue;
            }

            // A dollar may also be inside a name, which does not begin a string; refusing both is simple and safe.
            if (character == '$')
            {
                return "It may hold no $: neither parameters nor dollar-quoted strings.";
            }

            if (Starts(predicate, at, "--") || Starts(predicate, at, "/*") || Starts(predicate, at, "*/"))
            {
                return "It may hold no comment.";
            }

            switch (character)
            {
                case ';':
                    return "It must be one condition; a semicolon ends a statement.";
                case '(' or '[':
                    depth++;
                    break;
                case ')' or ']' when --depth < 0:
                    return "A parenthesis closes that was not opened.";
            }

            at++;
        }

        return depth != 0 ? "A parenthesis is not closed."
            : string.IsNullOrWhiteSpace(predicate) ? "It is empty."
            : null;
    }

    // E'…' knows backslashes; a name that ends with e and stands right before a quote is no SQL.
    private static bool HasEscapes(string text, int quote) => quote > 0 && text[quote - 1] is 'e' or 'E';

    private static bool Quoted(string text, ref int at, bool escapes)
    {
        var quote = text[at++];
        while (at < text.Length)
        {
            if (escapes && text[at] == '\\')
            {
                at += 2;
            }
            else if (text[at] != quote)
            {
                at++;
            }
            else if (at + 1 < text.Length && text[at + 1] == quote)
            {
                at += 2;
            }
            else
            {
                at++;
                return true;
            }
        }

        return false;
    }

    private static bool Starts(string text, int at, string what) => string.CompareOrdinal(text, at, what, 0, what.Length) == 0;
}
