using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Maintenance.ModuleTests.Docs;

/// <summary>A piece of a document, and the line where it begins.</summary>
internal sealed record Piece(string Text, int Line, string Language = "");

/// <summary>A text of the repository, taken apart into what can be checked.</summary>
internal sealed partial class Document
{
    // The identifiers of headings are those that the repository's web page gives them. Markdig comes with the PowerShell engine.
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).UsePreciseSourceLocation().Build();

    /// <summary>Where it lies below the root of the repository, with slashes.</summary>
    public required string Path { get; init; }

    public required string Text { get; init; }

    /// <summary>What stands in the text as code.</summary>
    public IReadOnlyList<Piece> Spans { get; private init; } = [];

    /// <summary>Code in blocks of its own.</summary>
    public IReadOnlyList<Piece> Blocks { get; private init; } = [];

    /// <summary>Where links lead.</summary>
    public IReadOnlyList<Piece> Links { get; private init; } = [];

    /// <summary>What a link can point at within the document.</summary>
    public IReadOnlySet<string> Anchors { get; private init; } = new HashSet<string>();

    /// <summary>Reads a file: Markdown, a script, or plain text.</summary>
    /// <param name="path">Where it lies below the root.</param>
    /// <param name="text">What it says.</param>
    public static Document Read(string path, string text) => System.IO.Path.GetExtension(path) switch
    {
        ".md" => ReadMarkdown(path, text),
        ".ps1" => new Document { Path = path, Text = text, Blocks = [new Piece(text, 1, "powershell")] },
        _ => new Document { Path = path, Text = text, Blocks = [.. CommandLines(text)] },
    };

    public int LineOf(int index) => Text.AsSpan(0, index).Count('\n') + 1;

    private static Document ReadMarkdown(string path, string text)
    {
        var parsed = Markdig.Markdown.Parse(text, Markdown);
        return new Document
        {
            Path = path,
            Text = text,
            // A bar within a table is written with a backslash before it.
            Spans = [.. parsed.Descendants<CodeInline>().Select(code => new Piece(code.Content.Replace("\\|", "|", StringComparison.Ordinal), code.Line + 1))],
            Blocks = [.. parsed.Descendants<FencedCodeBlock>().Select(block => new Piece(block.Lines.ToString(), block.Line + 2, block.Info ?? ""))],
            Links = [.. parsed.Descendants<LinkInline>().Select(link => new Piece(link.Url ?? "", link.Line + 1))],
            Anchors = parsed.Descendants<HeadingBlock>().Select(heading => heading.TryGetAttributes()?.Id).OfType<string>().ToHashSet(StringComparer.Ordinal),
        };
    }

    // Lines of a plain text that begin as a command does. What follows may as well be prose, so that it need not parse.
    private static IEnumerable<Piece> CommandLines(string text) =>
        from line in text.Split('\n').Select((content, index) => (Content: content.Trim(), Number: index + 1))
        where CommandStart().IsMatch(line.Content)
        select new Piece(line.Content, line.Number, "words");

    [GeneratedRegex(@"^[A-Z][a-z]+-[A-Z][A-Za-z]+\s")]
    private static partial Regex CommandStart();
}
