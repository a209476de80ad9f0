using System.Text.RegularExpressions;

namespace Maintenance.ModuleTests.Operate;

/// <summary>The runbooks under docs/runbooks: every command in them runs in a sandbox, without an error, in the order in which it stands there.</summary>
public sealed partial class RunbookTests
{
    private const string StopAll = "Stop-MaintenanceSandbox -Confirm:$false";

    // Other tests of this process have sandboxes too.
    private const string StopOwn = "if ($sandbox) { Stop-MaintenanceSandbox -Id $sandbox.Id -Confirm:$false }";

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
        string? told = null;
        var messages = new List<string>();
        try
        {
            foreach (var block in blocks)
            {
                // Who has the sandbox knows where its messages go.
                var result = runspace.Run(block.Replace(" | Out-Null", " | ForEach-Object { $sandbox = $_ }", StringComparison.Ordinal).Replace(StopAll, StopOwn, StringComparison.Ordinal));
                told ??= runspace.Run("$sandbox.NotificationPath").Output.Select(item => item?.BaseObject as string).FirstOrDefault();
                Assert.SkipWhen(
                    Environment.GetEnvironmentVariable("CI") != "true" && result.Terminating?.Message.Contains("SandboxBinariesNotFound", StringComparison.Ordinal) == true, "There is no PostgreSQL.");
                Assert.True(result.Terminating is null, $"{block}: {result.Terminating}");
                Assert.True(result.Errors.Count == 0, $"{block}: {string.Join(Environment.NewLine, result.Errors)}");
                messages = told is not null && Directory.Exists(told) ? [.. Directory.GetFiles(told).Order(StringComparer.Ordinal).Select(File.ReadAllText)] : messages;
                states.AddRange(result.Output.Select(item => item?.BaseObject).OfType<SystemRepair>().Select(repair => repair.State));
            }
        }
        finally
        {
            runspace.Run(StopOwn);
        }

        // Whoever follows it tells people of it.
        Assert.Contains(messages, message => message.Contains("Repair-SystemIssue", StringComparison.Ordinal) || message.Contains("Troubleshooting", StringComparison.Ordinal));
        // What a runbook promises is what comes of it.
        Assert.Equal(name == "compliance.md" ? RepairState.NotResolved : RepairState.Resolved, states[^1]);
    }

    [GeneratedRegex(@"```powershell\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex PowerShellBlock();
}
