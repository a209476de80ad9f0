using System.Management.Automation.Language;

namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>Every example that help shows, of cmdlets and about topics.</summary>
internal static class WrittenExamples
{
    /// <summary>The code of the examples, by cmdlet or topic, in their order.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> All { get; } = CmdletHelpTests.Written()
        .ToDictionary(cmdlet => cmdlet.Name, cmdlet => (IReadOnlyList<string>)[.. cmdlet.Examples.Select(example => example.Code)])
        .Concat(AboutTopic.All.ToDictionary(topic => topic.Name, topic => (IReadOnlyList<string>)[.. topic.Code]))
        .ToDictionary();

    /// <summary>Whether it starts or stops a sandbox. Then it is run in a process of its own: a sandbox belongs to the process that started it.</summary>
    public static bool IsAboutSandboxes(string code) => Commands(code).Any(command => command?.EndsWith("-MaintenanceSandbox", StringComparison.Ordinal) == true);

    /// <summary>The commands that it calls.</summary>
    public static IEnumerable<string?> Commands(string code) =>
        Parser.ParseInput(code, out _, out _).FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().Select(command => command.GetCommandName());
}
