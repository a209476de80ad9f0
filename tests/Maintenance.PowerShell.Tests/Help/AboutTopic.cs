using System.Text.RegularExpressions;

namespace Maintenance.ModuleTests.Help;

/// <summary>An about topic of the built module.</summary>
/// <param name="Name">What Get-Help finds it by.</param>
/// <param name="Lines">Its text.</param>
internal sealed partial record AboutTopic(string Name, IReadOnlyList<string> Lines)
{
    private const string Ending = ".help.txt";

    public static IReadOnlyList<AboutTopic> All { get; } =
    [
        .. Directory.GetFiles(Path.Combine(ModuleRunspace.ModuleFolder, "en-US"), $"*{Ending}").Order(StringComparer.Ordinal)
            .Select(file => new AboutTopic(Path.GetFileName(file)[..^Ending.Length], File.ReadAllLines(file)))
    ];

    /// <summary>What is to be typed: blocks that stand farther in than the text and begin like a command. Tables and JSON do not.</summary>
    public IEnumerable<string> Code
    {
        get
        {
            var block = new List<string>();
            foreach (var line in Lines.Append(""))
            {
                if (line.StartsWith("        ", StringComparison.Ordinal))
                {
                    block.Add(line[8..]);
                }
                else if (block.Count > 0)
                {
                    if (Command().IsMatch(block[0]))
                    {
                        yield return string.Join('\n', block);
                    }

                    block = [];
                }
            }
        }
    }

    [GeneratedRegex(@"^\(*([A-Z][a-z]+-[A-Z]|\$[A-Za-z]+ = )")]
    private static partial Regex Command();
}
