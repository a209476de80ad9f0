using System.Management.Automation.Language;
using Maintenance.HelpWriter;
using Maintenance.ModuleTests.Configuration;
using Maintenance.ModuleTests.Host;

namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>Every example of every cmdlet, run as it stands in a world in which all that examples name is there.</summary>
[Collection(EnvironmentCollection.Name)]
public sealed class ExampleTests(ExampleWorld world) : IClassFixture<ExampleWorld>
{
    // A sandbox belongs to the process that started it, and so do all that it stops: such examples run in one of their own.
    private const string OwnProcess = "MaintenanceSandbox";

    private static readonly IReadOnlyList<CmdletHelp> Written = CmdletHelpTests.Written();

    public static TheoryData<string> Cmdlets => [.. Written.Select(cmdlet => cmdlet.Name)];

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Examples_run_without_an_error(string name)
    {
        var cmdlet = Written.Single(written => written.Name == name);
        using var folder = world.Furnish(name);
        var failures = new List<string>();
        foreach (var (number, example) in cmdlet.Examples.Index())
        {
            if (ExampleExceptions.Reason(name, example.Code) is null && await TroubleAsync(cmdlet, example.Code) is { } trouble)
            {
                failures.Add($"{name}, example {number + 1}: {example.Code}{Environment.NewLine}{trouble}");
            }
        }

        Assert.True(failures.Count == 0, string.Join(Environment.NewLine + Environment.NewLine, failures));
    }

    [Fact]
    public void What_is_excepted_is_an_example() => Assert.All(
        ExampleExceptions.All,
        excepted => Assert.Contains(excepted.Code, Written.Single(cmdlet => cmdlet.Name == excepted.Cmdlet).Examples.Select(example => example.Code)));

    private async Task<string?> TroubleAsync(CmdletHelp cmdlet, string code)
    {
        if (cmdlet.Noun == OwnProcess)
        {
            var result = await HostProcess.RunAsync("-Command", cmdlet.Verb == "Start" ? code : $"$sandbox = Start-MaintenanceSandbox -Scale 0; {code}");
            Assert.SkipWhen(
                System.Environment.GetEnvironmentVariable("CI") != "true" && result.Error.Contains("SandboxBinariesNotFound", StringComparison.Ordinal), result.Error);
            return result.ExitCode is 0 or 1 && result.Error.Length == 0 ? null : $"ended with {result.ExitCode}: {result.Error}";
        }

        return world.Run(code, endless: Commands(code).Contains("Start-MaintenanceAgent"));
    }

    private static IEnumerable<string?> Commands(string code) =>
        Parser.ParseInput(code, out _, out _).FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().Select(command => command.GetCommandName());
}
