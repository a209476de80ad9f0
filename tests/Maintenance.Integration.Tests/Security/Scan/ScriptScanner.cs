using Maintenance.Engine.Security.Scan;

namespace Maintenance.IntegrationTests.Security.Scan;

/// <summary>A scanner that is a script of the test. Its result is the word clean, or one flaw a line.</summary>
internal sealed class ScriptScanner(string program, bool writesFile = false, string name = "script") : Scanner
{
    public override string Name => name;

    public override ScanKind Kind => ScanKind.Dependencies;

    public override string Program => program;

    public override string LooksFor => "*.lock";

    public override bool AppliesTo(string path) => Directory.Exists(path) && Directory.EnumerateFiles(path, "*.lock").Any();

    public override ScanCommand Command(string path, string resultFile) => new([path, resultFile], writesFile);

    public override bool Recognises(string beginning) => beginning.StartsWith("clean", StringComparison.Ordinal) || beginning.StartsWith("flaw", StringComparison.Ordinal);

    public override ScanReading Read(Stream result, ScanEnd? end, string path)
    {
        using var reader = new StreamReader(result);
        var flaws = new List<ScanFlaw>();
        while (reader.ReadLine() is { } line)
        {
            if (line == "clean")
            {
                continue;
            }

            flaws.Add(line.StartsWith("flaw ", StringComparison.Ordinal) ? new ScanFlaw(line, line, FindingSeverity.Medium, line) : throw new InvalidDataException("it is neither clean nor flaws"));
        }

        return new ScanReading { Flaws = flaws, Problem = end is { ExitCode: > 1 } ? $"it ended with exit code {end.ExitCode}: {end.Errors}" : null };
    }
}
