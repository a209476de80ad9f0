using System.ComponentModel;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>Asks PostgreSQL's own pg_verifybackup about a base backup in a folder, as a second opinion.</summary>
/// <param name="work">The test.</param>
internal sealed class VerifyProgram(TestWork work)
{
    private const string Name = "pg_verifybackup";

    /// <summary>Notes whether it comes to the same as our own comparison.</summary>
    /// <param name="folder">The backup.</param>
    /// <param name="major">The version that the backup is of.</param>
    /// <param name="ours">What we found.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    public async Task CompareAsync(string folder, int? major, ManifestComparison ours, CancellationToken cancellationToken)
    {
        var path = work.Options.PostgresPath ?? work.Target?.Recovery.PostgresPath;
        if (major is not { } wanted || await PostgresTools.TryFindAsync(Name, wanted, path, cancellationToken) is not { } program)
        {
            work.Manual(Name, BackupLevel.Checksum, $"{Name} of PostgreSQL {major} is not installed here: the checksums were compared by this module alone.");
            return;
        }

        // The log is read by pg_waldump, which only knows that of its own version; and it is only there if it was backed up too.
        var log = Path.Combine(folder, "pg_wal");
        var parses = program.Version.Major == wanted && Directory.Exists(log) && Directory.EnumerateFiles(log).Any();
        try
        {
            var result = await work.PhaseAsync(
                Name, countsAsRecovery: false, () => new ProgramCall(program.Path, [.. parses ? Array.Empty<string>() : ["--no-parse-wal"], "--", folder], "/").RunAsync(cancellationToken));
            Judge(result, ours, $"{Name} {program.Version}{(parses ? "" : " --no-parse-wal")}");
        }
        catch (Win32Exception exception)
        {
            work.Unknown(Name, BackupLevel.Checksum, $"{program.Path} could not be run: {exception.Message}");
        }
    }

    private void Judge(ProgramResult result, ManifestComparison ours, string what)
    {
        var said = LastLines.Of(result.Output);
        switch (result.ExitCode == 0, ours.FaultCount == 0)
        {
            case (true, true):
                work.Pass(Name, BackupLevel.Checksum, $"{what}: {said}");
                break;
            case (false, false):
                work.Fail(Name, BackupLevel.Checksum, ours.Fault, $"{what} finds it damaged too: {said}");
                break;
            case (false, true) when said.Contains("WAL parsing failed", StringComparison.Ordinal):
                work.Fail(Name, BackupLevel.Checksum, BackupFault.WalMissing, $"{what}: the write-ahead log inside is damaged or not all there: {said}");
                break;
            default:
                work.Unknown(Name, BackupLevel.Checksum, $"{what} comes to another result than this module: {said}");
                break;
        }
    }
}
