using System.Management.Automation.Language;
using Maintenance.ModuleTests.Configuration;
using Maintenance.ModuleTests.Host;

namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>Every example of every cmdlet and about topic, run as it stands in a world in which all that examples name is there.</summary>
[Collection(EnvironmentCollection.Name)]
public sealed class ExampleTests(ExampleWorldFixture fixture) : IClassFixture<ExampleWorldFixture>
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Written = CmdletHelpTests.Written()
        .ToDictionary(cmdlet => cmdlet.Name, cmdlet => (IReadOnlyList<string>)[.. cmdlet.Examples.Select(example => example.Code)])
        .Concat(AboutTopic.All.ToDictionary(topic => topic.Name, topic => (IReadOnlyList<string>)[.. topic.Code]))
        .ToDictionary();

    public static TheoryData<string> Names => [.. Written.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Examples_run_without_an_error(string name)
    {
        var failures = new List<string>();
        using (fixture.World.Furnish(name))
        {
            foreach (var (index, code) in Written[name].Index())
            {
                if (ExampleExceptions.Reason(name, code) is null && await TroubleAsync(name, code) is { } trouble)
                {
                    failures.Add($"{name}, example {index + 1}: {code}{Environment.NewLine}{trouble}");
                }
            }
        }

        Assert.True(failures.Count == 0, string.Join(Environment.NewLine + Environment.NewLine, failures));
    }

    [Fact]
    public void What_is_excepted_is_an_example() =>
        Assert.All(ExampleExceptions.All, excepted => Assert.Contains(excepted.Code, Written[excepted.Name]));

    private async Task<string?> TroubleAsync(string name, string code)
    {
        var commands = Commands(code).ToList();
        if (commands.Any(command => command?.EndsWith("-MaintenanceSandbox", StringComparison.Ordinal) == true))
        {
            return await OwnProcessAsync(commands.Contains("Start-MaintenanceSandbox") ? code : $"$sandbox = Start-MaintenanceSandbox -Scale 0; {code}");
        }

        return fixture.World.Run(code, endless: commands.Contains("Start-MaintenanceAgent"));
    }

    // A sandbox belongs to the process that started it, which also stops all that it started: not the one that other tests share.
    private static async Task<string?> OwnProcessAsync(string code)
    {
        var result = await HostProcess.RunAsync("-Command", code);
        Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true" && result.Error.Contains("SandboxBinariesNotFound", StringComparison.Ordinal), result.Error);
        return result.Error.Length == 0 ? null : $"ended with {result.ExitCode}: {result.Error}";
    }

    private static IEnumerable<string?> Commands(string code) =>
        Parser.ParseInput(code, out _, out _).FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().Select(command => command.GetCommandName());
}
