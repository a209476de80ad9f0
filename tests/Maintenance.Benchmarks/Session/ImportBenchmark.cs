namespace Maintenance.Benchmarks.Session;

/// <summary>P13, first half: importing the module, against importing an empty binary module. Each import has a fresh process.</summary>
internal sealed class ImportBenchmark : IBenchmark
{
    private const string Ours = "Maintenance, Import-Module";
    private const string Peer = "empty module, Import-Module";

    public string Name => "import";

    public string Title => "Import the module into a fresh PowerShell session.";

    public IReadOnlyList<Goal> Goals => [new(Ours, Peer, 1.5), new(Ours, null, 150)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var version = await PowerShellSession.VersionAsync(cancellationToken);
        return
        [
            new Contender(Ours, token => ImportAsync(BuiltModule.Maintenance, token), version),
            new Contender(Peer, token => ImportAsync(BuiltModule.Empty, token), version),
            new Contender("Maintenance, whole process", token => WholeProcessAsync(BuiltModule.Maintenance, token), version),
            new Contender("empty module, whole process", token => WholeProcessAsync(BuiltModule.Empty, token), version),
            new Contender("no module, whole process", NothingAsync, version),
        ];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<Outcome> ImportAsync(BuiltModule module, CancellationToken cancellationToken)
    {
        await using var session = PowerShellSession.Start();
        var import = await session.RunAsync(module.Import, cancellationToken);
        var dependencies = module.Dependencies(import.Assemblies);
        var commands = await session.RunAsync($"(Get-Module {module.Name}).ExportedCmdlets.Keys", cancellationToken);
        return new Outcome(
            commands.Output.Count > 0 ? "imported" : "not imported",
            $"{commands.Output.Count} cmdlets, {dependencies.Count} dependencies loaded{(dependencies.Count > 0 ? ": " : "")}{string.Join(", ", dependencies)}",
            import.Elapsed);
    }

    private static async Task<Outcome> WholeProcessAsync(BuiltModule module, CancellationToken cancellationToken)
    {
        await using (var session = PowerShellSession.Start())
        {
            await session.RunAsync(module.Import, cancellationToken);
        }

        return new Outcome("imported", "from its start to its end");
    }

    private static async Task<Outcome> NothingAsync(CancellationToken cancellationToken)
    {
        await using (PowerShellSession.Start())
        {
        }

        return new Outcome(null, "from its start to its end");
    }
}
