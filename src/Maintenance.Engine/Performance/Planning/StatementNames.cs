using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Performance.Planning;

/// <summary>
/// What a text may name, rather too much than too little: words are looked for everywhere, in quotes, strings and comments too, since what is
/// what depends on settings of the server. Pure.
/// </summary>
internal sealed partial class StatementNames
{
    /// <summary>Longer names are cut off by the server (bytes).</summary>
    private const int LongestName = 63;

    // What the grammar turns into operators that are looked for like any other.
    private static readonly (string Word, string[] Operators)[] Implied =
    [
        ("LIKE", ["~~", "!~~"]),
        ("ILIKE", ["~~*", "!~~*"]),
        ("SIMILAR", ["~", "!~"]),
        ("BETWEEN", ["<", "<=", ">", ">="]),
        ("IN", ["=", "<>"]),
        ("DISTINCT", ["="]),
        ("NULLIF", ["="]),
        ("CASE", ["="]),
        ("USING", ["="]),
        ("NATURAL", ["="]),
    ];

    private readonly string _text;
    private readonly HashSet<string> _words = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _long = [];
    private readonly HashSet<string> _implied = new(StringComparer.Ordinal);

    public StatementNames(string text)
    {
        _text = text;
        foreach (var match in Word().EnumerateMatches(text))
        {
            var word = text.Substring(match.Index, match.Length);
            _words.Add(word);
            // 1AND name, $1 name: what comes before a name may touch it.
            _words.Add(word.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '$'));
            if (Encoding.UTF8.GetByteCount(word) > LongestName)
            {
                _long.Add(word);
            }
        }

        if (text.Contains("!=", StringComparison.Ordinal))
        {
            _implied.Add("<>");
        }

        _implied.UnionWith(Implied.Where(one => _words.Contains(one.Word)).SelectMany(one => one.Operators));
    }

    /// <summary>Names may be written with escapes (U&amp;"..."), which hide them.</summary>
    public bool HidesNames => _text.Contains("U&\"", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a function, relation or type of this name may be meant.</summary>
    public bool MayName(string name) =>
        _words.Contains(name)
        // A character has four bytes at the most.
        || (_long.Count > 0 && name.Length >= LongestName / 4 && _long.Exists(word => word.StartsWith(name, StringComparison.OrdinalIgnoreCase)))
        || (!Plain().IsMatch(name) && _text.Contains(name.Replace("\"", "\"\"", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
        // Within a string a quote is doubled no further, and a body may build what it runs.
        || (!Plain().IsMatch(name) && _text.Contains(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether an operator may be meant.</summary>
    public bool MayUse(string symbol) => _implied.Contains(symbol) || _text.Contains(symbol, StringComparison.Ordinal);

    // To PostgreSQL everything beyond ASCII is a letter.
    [GeneratedRegex(@"[A-Za-z0-9_$\u0080-\uffff]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[A-Za-z0-9_$\u0080-\uffff]+\z")]
    private static partial Regex Plain();
}
