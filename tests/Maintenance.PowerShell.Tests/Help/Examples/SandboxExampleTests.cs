using Maintenance.ModuleTests.Host;

namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>The examples that start, change or stop sandboxes, each in a process of its own.</summary>
public sealed class SandboxExampleTests
{
    public static TheoryData<string, int> Numbered
    {
        get
        {
            var numbered = new TheoryData<string, int>();
            foreach (var (name, written) in WrittenExamples.All)
            {
                foreach (var (index, code) in written.Index())
                {
                    if (WrittenExamples.IsAboutSandboxes(code))
                    {
                        numbered.Add(name, index + 1);
                    }
                }
            }

            return numbered;
        }
    }

    [Theory]
    [MemberData(nameof(Numbered))]
    public async Task It_runs_without_an_error(string name, int number)
    {
        var code = WrittenExamples.All[name][number - 1];
        var startsOne = WrittenExamples.Commands(code).Contains("Start-MaintenanceSandbox");
        var result = await HostProcess.RunAsync("-Command", startsOne ? code : $"$sandbox = Start-MaintenanceSandbox -Scale 0; {code}");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true" && result.Error.Contains("SandboxBinariesNotFound", StringComparison.Ordinal), result.Error);
        Assert.True(result.Error.Length == 0, $"{code}{Environment.NewLine}It ended with {result.ExitCode}: {result.Error}");
    }
}
