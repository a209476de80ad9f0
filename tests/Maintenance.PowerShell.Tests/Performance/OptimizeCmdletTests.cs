namespace Maintenance.ModuleTests.Performance;

/// <summary>Optimize-DbQuery and New-QueryOptimizationReport as scripts use them.</summary>
public sealed class OptimizeCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private MaintenanceTarget Target => fixture.Sandbox.Target with
    {
        History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
        ArtifactStore = new StoreSettings { Path = Path.Combine(_folder, "store") },
        Functions = null,
    };

    private ScriptResult Run(string script) => _runspace.Run(script, ("target", Target), ("folder", _folder));

    [Fact]
    public void Proposals_change_nothing_and_whatever_has_sql_that_is_applied_has_a_lock()
    {
        var result = Run("Optimize-DbQuery -Target $target -Apply -WhatIf");
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        Assert.All(result.Output.Select(item => (QueryRecommendation)item.BaseObject), recommendation =>
        {
            Assert.Equal(RecommendationState.Proposed, recommendation.State);
            Assert.Equal(recommendation.AutoApply, recommendation is { AutoApply: true, Sql: not null, Lock: not null });
        });
    }

    [Fact]
    public void The_report_is_written_and_published_and_the_same_day_s_is_replaced()
    {
        var result = Run("New-QueryOptimizationReport \"$folder/queries.html\" -Target $target -Publish -Confirm:$false; New-QueryOptimizationReport -Target $target -Publish -Confirm:$false");
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        var reports = result.Output.Select(item => (QueryOptimizationReport)item.BaseObject).ToList();
        Assert.Contains("<html", File.ReadAllText(Path.Combine(_folder, "queries.html")), StringComparison.Ordinal);
        Assert.Equal([ArtifactState.Published, ArtifactState.Published], reports[0].Published.Select(artifact => artifact.State));
        Assert.Matches("^query-optimization/query-optimization-[0-9]{8}\\.md$", reports[0].Published[0].Name);
        Assert.All(reports[1].Published, artifact => Assert.Equal(ArtifactState.Replaced, artifact.State));
        var file = Path.Combine(_folder, "store", "performance-reports", reports[0].Published[0].Name);
        Assert.Contains("What would help", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_file_is_an_error_before_anything_is_read()
    {
        File.WriteAllText(Path.Combine(_folder, "there.md"), "");
        var result = Run("try { New-QueryOptimizationReport \"$folder/there.md\" -Target $target } catch { $_.FullyQualifiedErrorId }");
        Assert.StartsWith("FileExists,", Assert.Single(result.Output).ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
