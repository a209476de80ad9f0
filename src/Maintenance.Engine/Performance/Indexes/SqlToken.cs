namespace Maintenance.Engine.Performance.Indexes;

/// <summary>What a piece of SQL text is.</summary>
internal enum SqlTokenKind
{
    Word = 0,
    QuotedName,
    Number,
    String,
    Parameter,
    Operator,
    Cast,
    Open,
    Close,
    Dot,
    Other,
}

/// <summary>A piece of SQL text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it is written.</param>
/// <param name="Start">Where it begins.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Text, int Start)
{
    public int End => Start + Text.Length;

    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName;

    /// <summary>The name without its quotes.</summary>
    public string Name => Kind == SqlTokenKind.QuotedName ? Text[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : Text;

    public bool Is(string word) => Kind == SqlTokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// Takes SQL text apart as PostgreSQL's scanner does: both what the server writes in its plans, and statements as they were sent. Pure.
/// </summary>
internal static class SqlTokens
{
    private const string OperatorCharacters = "+-*/<>=~!@#%^&|`?";

    /// <summary>The tokens of a text without its comments; null if it ends within a string, a name or a comment, as a truncated one does.</summary>
    public static IReadOnlyList<SqlToken>? Read(string text)
    {
        var tokens = new List<SqlToken>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var (kind, end) = Next(text, at);
            if (end < 0)
            {
                return null;
            }

            if (kind is { } known)
            {
                tokens.Add(new SqlToken(known, text[at..end], at));
            }

            at = end;
        }

        return tokens;
    }

    // A kind of null is a comment, an end below zero one that never came.
    private static (SqlTokenKind? Kind, int End) Next(string text, int at)
    {
        var next = at + 1 < text.Length ? text[at + 1] : '\0';
        switch (text[at])
        {
            case '-' when next == '-':
                var line = text.IndexOf('\n', at);
                return (null, line < 0 ? text.Length : line + 1);
            case '/' when next == '*':
                return (null, EndOfComment(text, at));
            case '"':
                return (SqlTokenKind.QuotedName, EndOfQuoted(text, at, '"', escapes: false));
            case '\'':
                return (SqlTokenKind.String, EndOfQuoted(text, at, '\'', escapes: false));
            case 'e' or 'E' when next == '\'':
                return (SqlTokenKind.String, EndOfQuoted(text, at + 1, '\'', escapes: true));
            case 'b' or 'B' or 'x' or 'X' or 'n' or 'N' when next == '\'':
                return (SqlTokenKind.String, EndOfQuoted(text, at + 1, '\'', escapes: false));
            case '$' when char.IsAsciiDigit(next):
                return (SqlTokenKind.Parameter, EndOf(text, at + 1, char.IsAsciiDigit));
            case '$' when DollarTag(text, at) is { } tag:
                var close = text.IndexOf(tag, at + tag.Length, StringComparison.Ordinal);
                return (SqlTokenKind.String, close < 0 ? -1 : close + tag.Length);
            case ':' when next == ':':
                return (SqlTokenKind.Cast, at + 2);
            case '.' when !char.IsAsciiDigit(next):
                return (SqlTokenKind.Dot, at + 1);
            case '(':
                return (SqlTokenKind.Open, at + 1);
            case ')':
                return (SqlTokenKind.Close, at + 1);
            case var character when IsWordStart(character):
                return (SqlTokenKind.Word, EndOf(text, at, part => IsWordStart(part) || char.IsAsciiDigit(part) || part == '$'));
            case var character when char.IsAsciiDigit(character) || character == '.':
                return (SqlTokenKind.Number, EndOfNumber(text, at));
            case var character when OperatorCharacters.Contains(character, StringComparison.Ordinal):
                return (SqlTokenKind.Operator, EndOfOperator(text, at));
            default:
                return (SqlTokenKind.Other, at + 1);
        }
    }

    private static int EndOf(string text, int at, Func<char, bool> belongs)
    {
        while (at < text.Length && belongs(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int EndOfNumber(string text, int at)
    {
        var end = at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '_' || (text[end] is '+' or '-' && text[end - 1] is 'e' or 'E')))
        {
            end++;
        }

        return end;
    }

    // An operator ends where a comment begins.
    private static int EndOfOperator(string text, int at)
    {
        var end = at + 1;
        while (end < text.Length && OperatorCharacters.Contains(text[end], StringComparison.Ordinal)
            && string.CompareOrdinal(text, end, "--", 0, 2) != 0 && string.CompareOrdinal(text, end, "/*", 0, 2) != 0)
        {
            end++;
        }

        return end;
    }

    private static int EndOfQuoted(string text, int at, char quote, bool escapes)
    {
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\\' && escapes)
            {
                at++;
            }
            else if (text[at] == quote && at + 1 < text.Length && text[at + 1] == quote)
            {
                at++;
            }
            else if (text[at] == quote)
            {
                return at + 1;
            }
        }

        return -1;
    }

    private static int EndOfComment(string text, int at)
    {
        for (var depth = 0; at < text.Length;)
        {
            if (string.CompareOrdinal(text, at, "/*", 0, 2) == 0)
            {
                depth++;
                at += 2;
            }
            else if (string.CompareOrdinal(text, at, "*/", 0, 2) == 0)
            {
                at += 2;
                if (--depth == 0)
                {
                    return at;
                }
            }
            else
            {
                at++;
            }
        }

        return -1;
    }

    private static string? DollarTag(string text, int at)
    {
        var end = EndOf(text, at + 1, part => IsWordStart(part) || char.IsAsciiDigit(part));
        return end < text.Length && text[end] == '$' ? text[at..(end + 1)] : null;
    }

    // To PostgreSQL everything beyond ASCII is a letter.
    private static bool IsWordStart(char character) => char.IsAsciiLetter(character) || character == '_' || character >= 128;
}
