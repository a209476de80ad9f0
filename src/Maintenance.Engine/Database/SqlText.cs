using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Database;

/// <summary>Reads SQL texts, each a file of its own beside the service that runs it, built into the assembly.</summary>
internal static partial class SqlText
{
    /// <summary>
    /// Stands in every statement of ours that a server sees, so that pg_stat_statements, which knows no application names, can tell ours from
    /// others. It stands inside the statement, after its first word: servers may leave out comments before and behind one.
    /// </summary>
    public const string Mark = "/* Maintenance */";

    private static readonly ConcurrentDictionary<string, string> Texts = new();
    private static readonly ConcurrentDictionary<string, string> MarkedTexts = new();

    /// <summary>The text of a file.</summary>
    /// <param name="path">Its path below the engine's folder, such as <c>Health/Sql/Activity.sql</c>.</param>
    public static string Read(string path) => Texts.GetOrAdd(path, EngineResource.Read);

    /// <summary>The text of a file, marked as ours.</summary>
    /// <param name="path">As for <see cref="Read"/>.</param>
    public static string ReadMarked(string path) => MarkedTexts.GetOrAdd(path, static name => Marked(Read(name)));

    /// <summary>A statement that was written at run time, marked as ours.</summary>
    /// <param name="statement">The statement; it begins with a word.</param>
    public static string Marked(string statement) => FirstWord().Replace(statement, $"$0 {Mark}", 1);

    // Comments of one line may come first.
    [GeneratedRegex(@"\A(?:\s|--[^\n]*(?:\n|\z))*[A-Za-z]+")]
    private static partial Regex FirstWord();
}
