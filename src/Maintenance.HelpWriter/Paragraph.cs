using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.HelpWriter;

/// <summary>A piece of a paragraph: prose, or something to be shown as code.</summary>
internal readonly record struct TextRun(string Text, bool IsCode = false);

/// <summary>A paragraph of documentation, with its white space already collapsed.</summary>
internal sealed partial class Paragraph
{
    private readonly List<TextRun> _runs = [];

    public Paragraph(IEnumerable<TextRun> runs)
    {
        // A space at the start, and after another space, is only how the source was laid out.
        var afterSpace = true;
        foreach (var run in runs)
        {
            var text = WhiteSpace().Replace(run.Text, " ");
            text = afterSpace ? text.TrimStart() : text;
            if (text.Length > 0)
            {
                _runs.Add(run with { Text = text });
                afterSpace = text.EndsWith(' ');
            }
        }

        if (_runs.Count > 0)
        {
            _runs[^1] = _runs[^1] with { Text = _runs[^1].Text.TrimEnd() };
        }
    }

    /// <summary>The same with another text where a pattern fits within one run.</summary>
    public Paragraph Replace(Regex pattern, string text) =>
        new(_runs.Select(run => run with { Text = pattern.Replace(run.Text, text.Replace("$", "$$", StringComparison.Ordinal)) }));

    public bool IsEmpty => Plain.Length == 0;

    /// <summary>The text alone, as the console shows it.</summary>
    public string Plain => string.Concat(_runs.Select(run => run.Text));

    /// <summary>The text as Markdown, with code in backticks.</summary>
    public string Markdown
    {
        get
        {
            var text = new StringBuilder();
            foreach (var run in _runs)
            {
                text.Append(run.IsCode ? Quote(run.Text) : Special().Replace(run.Text, @"\$0"));
            }

            return text.ToString();
        }
    }

    public override string ToString() => Plain;

    private static string Quote(string code) => code.Contains('`') ? $"`` {code} ``" : $"`{code}`";

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    // An underscore within a word means nothing in Markdown, and names such as pg_stat_statements stay readable.
    [GeneratedRegex(@"[\\`*<\[]|(?<!\w)_|_(?!\w)")]
    private static partial Regex Special();
}
