using System.Runtime.InteropServices;

namespace Maintenance.Benchmarks.Session;

/// <summary>The program of a PowerShell session.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Kind">How its engine is compiled.</param>
internal sealed record SessionProgram(string Path, string Kind)
{
    private const string FileName = "Maintenance.Benchmarks.Session.dll";

    /// <summary>With the engine as it comes from NuGet: compiled while it runs. The module's own host has it so.</summary>
    public static SessionProgram AsBuilt { get; } = new(System.IO.Path.Combine(Tools.Metadata("SessionFolder"), FileName), "engine not precompiled");

    /// <summary>With a precompiled engine, as pwsh ships it. Compiled once, below artifacts.</summary>
    /// <param name="tell">Told what takes the time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The program; null if the compiler cannot be fetched.</returns>
    public static async Task<SessionProgram?> PrecompiledAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("precompiling the PowerShell engine");
        var folder = System.IO.Path.GetFullPath(System.IO.Path.Combine(Tools.Metadata("ToolFolder"), "session"));

        // Artifacts and lock file of its own: the ordinary build knows nothing of runtime identifiers.
        string[] arguments =
        [
            "publish", Tools.Metadata("SessionProject"), "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier,
            "--self-contained", "false", "--disable-build-servers", "--output", System.IO.Path.Combine(folder, "program"), "-p:PublishReadyToRun=true",
            $"-p:ArtifactsPath={folder}", $"-p:NuGetLockFilePath={System.IO.Path.Combine(folder, "packages.lock.json")}", "-p:RestoreLockedMode=false",
        ];
        return await Tools.RunAsync("dotnet", arguments, cancellationToken: cancellationToken) is null
            ? null
            : new SessionProgram(System.IO.Path.Combine(folder, "program", FileName), "precompiled engine");
    }
}
