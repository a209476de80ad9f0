using System.Management.Automation.Runspaces;

namespace Maintenance.Host;

/// <summary>Turns the words behind -File into parameters of the script, as pwsh does.</summary>
internal static class ScriptArguments
{
    public static IEnumerable<CommandParameter> Bind(IReadOnlyList<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            if (!NamesParameter(word))
            {
                yield return new CommandParameter(null, word);
            }
            else if (colon < 0)
            {
                // With its dash and without a value: the binder knows whether it is a switch or takes the next word.
                yield return new CommandParameter(word);
            }
            else if (colon < word.Length - 1)
            {
                yield return new CommandParameter(word[..(colon + 1)], Value(word[(colon + 1)..]));
            }
            else
            {
                yield return new CommandParameter(word, i + 1 < words.Count ? Value(words[++i]) : null);
            }
        }
    }

    // A dash and a letter; negative numbers are values.
    private static bool NamesParameter(string word) => word is ['-', var first, ..] && (char.IsLetter(first) || first == '_');

    private static object Value(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" => true,
        "$FALSE" => false,
        _ => text,
    };
}
