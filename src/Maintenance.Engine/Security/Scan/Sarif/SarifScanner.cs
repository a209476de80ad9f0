namespace Maintenance.Engine.Security.Scan.Sarif;

/// <summary>SARIF that any tool wrote. It runs nothing: it reads what it is given.</summary>
internal sealed class SarifScanner(ScanKind kind) : Scanner
{
    public override string Name => "sarif";

    public override ScanKind Kind => kind;

    public override string Program => "sarif";

    public override bool AppliesTo(string path) => false;

    public override string LooksFor => "SARIF files given with -ResultPath";

    public override ScanCommand Command(string path, string resultFile) =>
        throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "sarif is a format and no program.", "Give the file with -ResultPath.");

    public override bool Recognises(string beginning) => SarifFile.Recognises(beginning);

    public override ScanReading Read(Stream result, ScanEnd? end, string path) => SarifFile.Read(result, kind, path);
}
