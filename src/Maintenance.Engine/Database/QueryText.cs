using System.Text;

namespace Maintenance.Engine.Database;

/// <summary>
/// Makes the text of a statement fit to be shown and kept: every literal becomes <c>?</c>, comments go, and it is one line of bounded
/// length without control characters. Where the text can be read in two ways, the one that hides more is taken.
/// </summary>
internal static class QueryText
{
    /// <summary>Longest result, in characters.</summary>
    public const int MaximumLength = 500;

    /// <summary>How much of a text is worth fetching: what is longer is cut.</summary>
    public const int FetchLength = 10_000;

    /// <summary>The statement without literals.</summary>
    /// <param name="sql">The statement; may be cut off anywhere.</param>
    /// <param name="maximumLength">Longest result.</param>
    public static string Redact(string sql, int maximumLength = MaximumLength)
    {
        var reader = new Reader(sql.Length > FetchLength ? sql[..FetchLength] : sql);
        // One more than is shown, so that a cut is seen.
        while (reader.Next() && reader.Output.Length <= maximumLength + 1)
        {
            // Each step has added one token.
        }

        var text = reader.Output.ToString().Trim();
        return text.Length > maximumLength ? string.Concat(text.AsSpan(0, maximumLength - 1), "…") : text;
    }

    /// <summary>Goes through a text token by token, as PostgreSQL's scanner does.</summary>
    private sealed class Reader(string text)
    {
        private int _at;

        public StringBuilder Output { get; } = new();

        public bool Next()
        {
            if (_at >= text.Length)
            {
                return false;
            }

            var character = text[_at];
            if (character == '\'')
            {
                String(escapes: false);
            }
            else if (character == '"')
            {
                QuotedName();
            }
            else if (character == '$' && DollarTag() is { } tag)
            {
                DollarString(tag);
            }
            else if (At("--"))
            {
                var end = text.AsSpan(_at).IndexOfAny('\n', '\r');
                _at = end < 0 ? text.Length : _at + end;
                Space();
            }
            else if (At("/*"))
            {
                BlockComment();
            }
            else if (IsWordStart(character))
            {
                Word();
            }
            else if (char.IsAsciiDigit(character) || (character == '.' && char.IsAsciiDigit(Peek(1))))
            {
                Number();
            }
            else if (character == '$' && char.IsAsciiDigit(Peek(1)))
            {
                var end = _at + 1;
                while (end < text.Length && char.IsAsciiDigit(text[end]))
                {
                    end++;
                }

                Output.Append(text, _at, end - _at);
                _at = end;
            }
            else
            {
                _at++;
                if (char.IsWhiteSpace(character) || !IsPrintable(character))
                {
                    Space();
                }
                else
                {
                    Output.Append(character);
                }
            }

            return true;
        }

        // E'…' knows backslashes, B'…', X'…' and N'…' do not. What follows U&'…' is read as a word and a string of its own.
        private void Word()
        {
            var end = _at;
            while (end < text.Length && (IsWordStart(text[end]) || char.IsAsciiDigit(text[end]) || text[end] == '$'))
            {
                end++;
            }

            var word = text[_at..end];
            _at = end;
            if (_at < text.Length && text[_at] == '\'' && word.Length == 1 && "eEbBxXnN".Contains(word[0], StringComparison.Ordinal))
            {
                String(escapes: word is "e" or "E");
            }
            else if (word is "u" or "U" && At("&'"))
            {
                _at++;
                String(escapes: false);
            }
            else if (word is "u" or "U" && At("&\""))
            {
                _at++;
                QuotedName();
            }
            else
            {
                foreach (var part in word)
                {
                    if (IsPrintable(part) && !char.IsWhiteSpace(part))
                    {
                        Output.Append(part);
                    }
                    else
                    {
                        Space();
                    }
                }
            }
        }

        private void String(bool escapes)
        {
            Output.Append('?');
            for (_at++; _at < text.Length; _at++)
            {
                if (text[_at] == '\\' && escapes)
                {
                    _at++;
                }
                else if (text[_at] == '\\' && Peek(1) == '\'')
                {
                    // With standard_conforming_strings off the string goes on here, with it on it ends: nobody can tell from the text.
                    Output.Append(" …");
                    _at = text.Length;
                }
                else if (text[_at] == '\'' && Peek(1) == '\'')
                {
                    _at++;
                }
                else if (text[_at] == '\'')
                {
                    _at++;
                    return;
                }
            }
        }

        private string? DollarTag()
        {
            var end = _at + 1;
            while (end < text.Length && (IsWordStart(text[end]) || (char.IsAsciiDigit(text[end]) && end > _at + 1)))
            {
                end++;
            }

            return end < text.Length && text[end] == '$' ? text[_at..(end + 1)] : null;
        }

        private void DollarString(string tag)
        {
            Output.Append('?');
            var end = text.IndexOf(tag, _at + tag.Length, StringComparison.Ordinal);
            _at = end < 0 ? text.Length : end + tag.Length;
        }

        private void BlockComment()
        {
            var depth = 0;
            do
            {
                if (At("/*"))
                {
                    depth++;
                    _at += 2;
                }
                else if (At("*/"))
                {
                    depth--;
                    _at += 2;
                }
                else
                {
                    _at++;
                }
            }
            while (depth > 0 && _at < text.Length);
            Space();
        }

        // A name in quotes is no literal, except where somebody meant one: an address or a telephone number is no name of a column.
        private void QuotedName()
        {
            var end = _at + 1;
            while (end < text.Length && (text[end] != '"' || (end + 1 < text.Length && text[end + 1] == '"')))
            {
                end += text[end] == '"' ? 2 : 1;
            }

            end = Math.Min(end, text.Length);
            var name = text.AsSpan(_at + 1, end - _at - 1);
            var closed = end < text.Length;
            _at = Math.Min(end + 1, text.Length);
            if (!closed || name.Length > 63 || name.Contains('@') || ContainsUnprintable(name) || LongestNumber(name) > 8)
            {
                Output.Append('?');
                return;
            }

            Output.Append('"').Append(name).Append('"');
        }

        private void Number()
        {
            Output.Append('?');
            while (_at < text.Length
                && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '_' or '.' || (text[_at] is '+' or '-' && text[_at - 1] is 'e' or 'E' && char.IsAsciiDigit(Peek(1)))))
            {
                _at++;
            }
        }

        private void Space()
        {
            if (Output.Length > 0 && Output[^1] != ' ')
            {
                Output.Append(' ');
            }
        }

        private bool At(string token) => string.CompareOrdinal(text, _at, token, 0, token.Length) == 0;

        private char Peek(int offset) => _at + offset < text.Length ? text[_at + offset] : '\0';

        // To PostgreSQL everything beyond ASCII is a letter, even what is none.
        private static bool IsWordStart(char character) => char.IsAsciiLetter(character) || character == '_' || character >= 128;

        // Format characters turn the direction of a line around; half a pair is no character.
        private static bool IsPrintable(char character) =>
            char.GetUnicodeCategory(character) is not (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.Surrogate or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.OtherNotAssigned
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);

        private static bool ContainsUnprintable(ReadOnlySpan<char> name)
        {
            foreach (var character in name)
            {
                if (!IsPrintable(character))
                {
                    return true;
                }
            }

            return false;
        }

        private static int LongestNumber(ReadOnlySpan<char> name)
        {
            var (longest, run) = (0, 0);
            foreach (var character in name)
            {
                run = char.IsAsciiDigit(character) ? run + 1 : 0;
                longest = Math.Max(longest, run);
            }

            return longest;
        }
    }
}
