using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security;

/// <summary>Tells what stands in for a secret from a secret. It judges a value as a whole: <c>changeme</c> is none, and one that happens to hold <c>12345</c> may well be one.</summary>
internal static partial class Placeholder
{
    private const int ShortestRun = 3;

    private const int MostFinalDigits = 4;

    // Keys of emulators and of documentation, the same for everybody.
    private static readonly string[] Known =
    [
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ];

    private static readonly char[] Separators = ['-', '_', '.', '/', ':', '=', '+', ' ', '!', '<', '>', '[', ']', '*', '#'];

    /// <summary>Whether a value only stands in for a secret: made of nothing but words for one and of runs such as <c>12345</c>, <c>abcdef</c>, <c>xxxxxx</c>.</summary>
    /// <param name="value">The value.</param>
    public static bool Is(string value) =>
        Known.Contains(value, StringComparer.Ordinal)
        || DocumentedKey().IsMatch(value)
        || value.Distinct().Count() < Math.Min(5, value.Length - 1)
        || value.Split(Separators, StringSplitOptions.RemoveEmptyEntries).All(IsFiller);

    private static bool IsFiller(string part)
    {
        // T00000000: a letter that says what kind it is, then a run.
        if (part.Length > ShortestRun + 1 && Run(part, 1) == part.Length - 1)
        {
            return true;
        }

        for (var at = 0; at < part.Length;)
        {
            var length = Math.Max(Words().Match(part, at) is { Success: true } word ? word.Length : 0, Run(part, at));
            if (length == 0)
            {
                return (at > 0 || part.Length <= MostFinalDigits) && part.Length - at <= MostFinalDigits && part.AsSpan(at).IndexOfAnyExceptInRange('0', '9') < 0;
            }

            at += length;
        }

        return true;
    }

    // The same character, or one after the other as on a keyboard's row of digits and in the alphabet, up or down.
    private static int Run(string text, int start)
    {
        for (var step = -1; step <= 1; step++)
        {
            var end = start + 1;
            while (end < text.Length && (text[end] - text[end - 1] == step || (step == 1 && (text[end - 1], text[end]) is ('9', '0' or 'a' or 'A'))))
            {
                end++;
            }

            if (end - start >= ShortestRun)
            {
                return end - start;
            }
        }

        return 0;
    }

    [GeneratedRegex("^(AKIA|ASIA)[A-Z0-9]{9}EXAMPLE$")]
    private static partial Regex DocumentedKey();

    // The longest first, since what comes first is taken.
    [GeneratedRegex(@"\G(placeholder|credentials?|passphrase|passwords?|examples?|replace|redacted|postgres|changeit|database|invalid|service|samples?|secrets?|default|nothing|change|client|access|insert|string|values?|passwd|hidden|dummy|admin|guest|tokens?|enter|local|masked|hunter2|keys?|user|name|pass|fake|real|test|demo|your|here|some|this|that|none|null|todo|live|text|goes|with|foo|bar|baz|qux|api|app|the|not|for|pwd|put|add|new|old|tbd|dev|url|sbp|sql|and|pw|db|id|me|my|it|in|to|is|an|of|or|sb|sk|pk|rk|a)", RegexOptions.IgnoreCase)]
    private static partial Regex Words();
}
