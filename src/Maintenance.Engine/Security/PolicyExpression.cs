using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security;

/// <summary>What can be told of a policy's expression, from the server's text of it and from its tree.</summary>
internal static partial class PolicyExpression
{
    /// <summary>
    /// It is true whatever the row: a constant, a comparison of equal constants, or one of these joined by OR. Null is not: without an
    /// expression a policy lets nothing pass.
    /// </summary>
    /// <param name="text">The expression as the server writes it.</param>
    public static bool IsAlwaysTrue(string? text)
    {
        if (text is null)
        {
            return false;
        }

        var bare = Strip(text.Trim());
        if (bare.Equals("true", StringComparison.OrdinalIgnoreCase) || (Not().Match(bare) is { Success: true } not && Strip(not.Groups[1].Value.Trim()).Equals("false", StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }

        if (Split(bare, " OR ") is { Count: > 1 } alternatives)
        {
            return alternatives.Exists(IsAlwaysTrue);
        }

        if (Split(bare, " AND ") is { Count: > 1 } conditions)
        {
            return conditions.TrueForAll(IsAlwaysTrue);
        }

        return Split(bare, " = ") is [var left, var right] && Literal().IsMatch(left.Trim()) && Strip(left.Trim()) == Strip(right.Trim());
    }

    /// <summary>It looks at no column: whoever passes it passes for every row.</summary>
    /// <param name="tree">The tree; null is no expression.</param>
    public static bool IgnoresRow(string? tree) => tree is not null && !PolicyTree.Nodes(tree).Any(node => node.Name == "VAR");

    // The outermost parentheses, where they belong together.
    private static string Strip(string text)
    {
        while (text is ['(', .., ')'] && Closing(text) == text.Length - 1)
        {
            text = text[1..^1].Trim();
        }

        return text;
    }

    private static int Closing(string text)
    {
        var (depth, quoted) = (0, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            Step(text[i], ref depth, ref quoted);
            if (depth == 0 && quoted == '\0')
            {
                return i;
            }
        }

        return -1;
    }

    private static List<string> Split(string text, string separator)
    {
        var (parts, start, depth, quoted) = (new List<string>(), 0, 0, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            if (depth == 0 && quoted == '\0' && string.CompareOrdinal(text, i, separator, 0, separator.Length) == 0)
            {
                parts.Add(text[start..i]);
                start = i + separator.Length;
                i = start - 1;
                continue;
            }

            Step(text[i], ref depth, ref quoted);
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static void Step(char character, ref int depth, ref char quoted)
    {
        if (quoted != '\0')
        {
            quoted = character == quoted ? '\0' : quoted;
        }
        else if (character is '\'' or '"')
        {
            quoted = character;
        }
        else
        {
            depth += character is '(' ? 1 : character is ')' ? -1 : 0;
        }
    }

    [GeneratedRegex(@"^NOT\s+(.+)$", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Not();

    [GeneratedRegex(@"^(\d+(\.\d+)?|'([^']|'')*'(::[a-z_ ]+)?)$")]
    private static partial Regex Literal();
}
