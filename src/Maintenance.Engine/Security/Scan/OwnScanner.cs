using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Security.Scan;

/// <summary>A scanner that is part of this module: nothing has to be installed for it, and nothing of what it reads leaves the process.</summary>
internal abstract class OwnScanner : Scanner
{
    /// <summary>The version of this module.</summary>
    public static string Version => TaskService.ModuleVersion;

    public override string Program => "Maintenance";

    /// <summary>Looks. What goes wrong is the reading's problem; only a cancellation is thrown.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public abstract Task<ScanReading> ScanAsync(string path, CancellationToken cancellationToken);

    public override ScanCommand Command(string path, string resultFile) => throw new NotSupportedException("It runs no program.");

    public override bool Recognises(string beginning) => false;

    public override ScanReading Read(Stream result, ScanEnd? end, string path) => throw new InvalidDataException("this scanner writes no results");
}
