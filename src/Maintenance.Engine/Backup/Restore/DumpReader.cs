using System.ComponentModel;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>Lets pg_restore tell what an archive holds. Its text is read, and never run.</summary>
/// <param name="program">pg_restore.</param>
/// <param name="dump">The archive.</param>
/// <param name="account">Who runs it.</param>
internal sealed class DumpReader(PostgresTool program, LocalDump dump, ServerAccount account)
{
    /// <summary>A table of contents of some hundred thousand entries is some ten megabytes.</summary>
    private const int MostLines = 2_000_000;

    /// <summary>Reads the schema as SQL text.</summary>
    /// <param name="errors">Told of what pg_restore complains of.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<DumpScan> ScanAsync(RestoreErrors errors, CancellationToken cancellationToken)
    {
        var scan = new DumpScan();
        var isNameRefused = false;
        await RunAsync(["--create", "--schema-only", "--file=-", dump.Path], line => scan.Read(line), Read, cancellationToken);
        if (isNameRefused)
        {
            // Only for the script: such a database cannot be connected to by it. Its own settings are not told then.
            scan = new DumpScan();
            await RunAsync(["--schema-only", "--file=-", dump.Path], line => scan.Read(line), errors.Read, cancellationToken);
        }

        return scan;

        void Read(string line)
        {
            if (line.Contains("contains a newline or carriage return", StringComparison.Ordinal))
            {
                isNameRefused = true;
            }
            else if (!isNameRefused)
            {
                errors.Read(line);
            }
        }
    }

    /// <summary>Reads the list of entries, as <c>--use-list</c> takes it.</summary>
    /// <param name="errors">Told of what pg_restore complains of.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BackupFaultException">There are too many entries: without some of them the sample would not be what it is said to be.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(RestoreErrors errors, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var tooMany = false;
        await RunAsync(
            ["--list", dump.Path],
            line =>
            {
                if (line.Length > 0 && line[0] != ';' && !(tooMany |= lines.Count == MostLines))
                {
                    lines.Add(line);
                }
            },
            errors.Read,
            cancellationToken);
        return !tooMany ? lines : throw new BackupFaultException(
            "Restore", BackupLevel.Sample, BackupFault.None, FormattableString.Invariant($"It has more than {MostLines} entries, too many to choose a sample from."), "Restore all of it: the level Full.");
    }

    private async Task RunAsync(IReadOnlyList<string> arguments, Action<string> line, Action<string> error, CancellationToken cancellationToken)
    {
        try
        {
            await account.Call(program.Path, arguments, "/").RunAsync(null, line, error, cancellationToken);
        }
        catch (Win32Exception exception)
        {
            throw new MaintenanceException(MaintenanceErrorCode.ProgramFailed, $"{program.Path} could not be started: {exception.Message}", "Check that it runs on this machine.");
        }
    }
}
