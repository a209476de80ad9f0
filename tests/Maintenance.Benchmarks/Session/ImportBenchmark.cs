namespace Maintenance.Benchmarks.Session;

/// <summary>P13, first half: importing the module, against importing an empty binary module. Each import has a fresh process.</summary>
internal sealed class ImportBenchmark : IBenchmark
{
    private const string Ours = "Maintenance, Import-Module";
    private const string Peer = "empty module, Import-Module";
    private const string OursAsBuilt = "Maintenance, slower engine";
    private const string PeerAsBuilt = "empty module, slower engine";

    public string Name => "import";

    public string Title => "Import the module into a fresh PowerShell session.";

    public IReadOnlyList<Goal> Goals => [new(Ours, Peer, 1.5), new(OursAsBuilt, PeerAsBuilt, 1.5), new(Ours, null, 150)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var asBuilt = await PowerShellSession.VersionAsync(SessionProgram.AsBuilt, cancellationToken);
        return
        [
            .. await PrecompiledAsync(tell, cancellationToken),
            new Contender(OursAsBuilt, token => ImportAsync(SessionProgram.AsBuilt, BuiltModule.Maintenance, token), asBuilt),
            new Contender(PeerAsBuilt, token => ImportAsync(SessionProgram.AsBuilt, BuiltModule.Empty, token), asBuilt),
        ];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<IEnumerable<Contender>> PrecompiledAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var program = await SessionProgram.PrecompiledAsync(tell, cancellationToken);
        var version = program is null ? "the engine could not be precompiled" : await PowerShellSession.VersionAsync(program, cancellationToken);
        return
        [
            Of(Ours, token => ImportAsync(program!, BuiltModule.Maintenance, token)),
            Of(Peer, token => ImportAsync(program!, BuiltModule.Empty, token)),
            Of("Maintenance, whole process", token => WholeProcessAsync(program!, BuiltModule.Maintenance, token)),
            Of("empty module, whole process", token => WholeProcessAsync(program!, BuiltModule.Empty, token)),
            Of("no module, whole process", token => NothingAsync(program!)),
        ];

        Contender Of(string name, Func<CancellationToken, Task<Outcome>> run) => new(name, program is null ? null : run, version);
    }

    private static async Task<Outcome> ImportAsync(SessionProgram program, BuiltModule module, CancellationToken cancellationToken)
    {
        await using var session = PowerShellSession.Start(program);
        var import = await session.RunAsync(module.Import, cancellationToken);
        var dependencies = module.Dependencies(import.Assemblies);
        var commands = await session.RunAsync($"(Get-Module {module.Name}).ExportedCmdlets.Keys", cancellationToken);
        return new Outcome(
            commands.Output.Count > 0 ? "imported" : "not imported",
            string.Join(", ", [$"cmdlets: {commands.Output.Count}", $"dependencies loaded: {dependencies.Count}", .. dependencies]),
            import.Elapsed);
    }

    private static async Task<Outcome> WholeProcessAsync(SessionProgram program, BuiltModule module, CancellationToken cancellationToken)
    {
        await using (var session = PowerShellSession.Start(program))
        {
            await session.RunAsync(module.Import, cancellationToken);
        }

        return new Outcome("imported", "from its start to its end");
    }

    private static async Task<Outcome> NothingAsync(SessionProgram program)
    {
        await using (PowerShellSession.Start(program))
        {
        }

        return new Outcome(null, "from its start to its end");
    }
}
