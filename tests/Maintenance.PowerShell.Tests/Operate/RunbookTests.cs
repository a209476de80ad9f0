using System.Text.RegularExpressions;

namespace Maintenance.ModuleTests.Operate;

/// <summary>The runbooks under docs/runbooks: every command in them runs in a sandbox, without an error, in the order in which it stands there.</summary>
public sealed partial class RunbookTests
{
    private static readonly string Folder = Path.Combine(ModuleRunspace.Metadata("HelpPages"), "..", "runbooks");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.md").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_of_a_runbook_runs(string name)
    {
        using var runspace = new ModuleRunspace();
        // The engine alone has no Utility module.
        runspace.Invoke("function Start-Sleep([int]$Seconds) { [Threading.Thread]::Sleep(1000 * $Seconds) }");
        var blocks = PowerShellBlock().Matches(File.ReadAllText(Path.Combine(Folder, name))).Select(match => match.Groups[1].Value).ToList();
        Assert.InRange(blocks.Count, 4, 20);
        var states = new List<RepairState>();
        try
        {
            foreach (var block in blocks)
            {
                var result = runspace.Run(block);
                Assert.SkipWhen(
                    Environment.GetEnvironmentVariable("CI") != "true" && result.Terminating?.Message.Contains("SandboxBinariesNotFound", StringComparison.Ordinal) == true, "There is no PostgreSQL.");
                Assert.True(result.Terminating is null, $"{block}: {result.Terminating}");
                Assert.True(result.Errors.Count == 0, $"{block}: {string.Join(Environment.NewLine, result.Errors)}");
                states.AddRange(result.Output.Select(item => item?.BaseObject).OfType<SystemRepair>().Select(repair => repair.State));
            }
        }
        finally
        {
            runspace.Run("Stop-MaintenanceSandbox -Confirm:$false");
        }

        // What a runbook promises is what comes of it.
        Assert.Equal(name == "compliance.md" ? RepairState.NotResolved : RepairState.Resolved, states[^1]);
    }

    [GeneratedRegex(@"```powershell\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex PowerShellBlock();
}
