using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>Restores a dump into a database that is there already. Every complaint is collected; none ends the restore.</summary>
/// <param name="place">Where.</param>
/// <param name="dump">The dump.</param>
/// <param name="errors">Takes the complaints.</param>
/// <param name="asServer">True if the server's account can read the dump, and so reads it.</param>
internal sealed class RestoreRun(RestorePlace place, LocalDump dump, RestoreErrors errors, bool asServer)
{
    /// <summary>Restores an archive with pg_restore.</summary>
    /// <param name="program">pg_restore.</param>
    /// <param name="jobs">How many tables and indexes at once.</param>
    /// <param name="list">A file that lists what to restore; null for everything.</param>
    /// <param name="cancellationToken">Kills pg_restore.</param>
    public Task ArchiveAsync(PostgresTool program, int jobs, string? list, CancellationToken cancellationToken)
    {
        // Tablespaces are of the server that was backed up.
        List<string> arguments = ["--dbname", place.Database, "--no-password", "--no-tablespaces"];
        if (dump.IsParallel && jobs > 1)
        {
            arguments.AddRange(["--jobs", jobs.ToString(CultureInfo.InvariantCulture)]);
        }

        if (!place.IsOurs)
        {
            arguments.AddRange(["--no-owner", "--no-privileges"]);
        }

        if (list is not null)
        {
            arguments.AddRange(["--use-list", list]);
        }

        return RunAsync(place.Call(program.Path, [.. arguments, dump.Path], "/", asServer), null, cancellationToken);
    }

    /// <summary>Restores SQL text with psql, which is kept from running commands of its own.</summary>
    /// <param name="psql">A psql that can be kept from it.</param>
    /// <param name="scan">Learns what the text holds.</param>
    /// <param name="onRoles">Makes roles before the first line that needs them.</param>
    /// <param name="cancellationToken">Kills psql.</param>
    /// <returns>False if it holds rows alone, and was not restored.</returns>
    public async Task<bool> TextAsync(PostgresTool psql, DumpScan scan, Func<IReadOnlyList<string>, Task> onRoles, CancellationToken cancellationToken)
    {
        var feed = new PlainFeed(scan, onRoles, errors.Lines, RandomNumberGenerator.GetHexString(32, lowercase: true));
        await using var text = dump.OpenText();
        var call = place.Call(psql.Path, ["-X", "-q", "-w", "-v", "ON_ERROR_STOP=0", "-o", OperatingSystem.IsWindows() ? "NUL" : "/dev/null", "-f", "-"], "/", asServer: true);
        await RunAsync(call, input => feed.RunAsync(text, input, cancellationToken), cancellationToken);
        if (!feed.Completed)
        {
            errors.Add("psql ended before it had read everything.");
        }

        return !feed.IsDataOnly;
    }

    private async Task RunAsync(ProgramCall call, Func<Stream, Task>? input, CancellationToken cancellationToken)
    {
        var before = errors.Total;
        var last = "";
        int exitCode;
        try
        {
            exitCode = await call.RunAsync(input, _ => { }, Read, cancellationToken);
        }
        catch (Win32Exception exception)
        {
            throw new MaintenanceException(MaintenanceErrorCode.ProgramFailed, $"{call.File} could not be started: {exception.Message}", "Check that it runs on this machine.");
        }
        catch (InvalidDataException exception)
        {
            errors.Add($"The compressed text is corrupt: {exception.Message}");
            return;
        }

        // A program that fails says why; in case it does not, or in words that are not known.
        if (exitCode != 0 && errors.Total == before)
        {
            errors.Add(FormattableString.Invariant($"{Path.GetFileName(call.File)} ended with exit code {exitCode}: {last}"));
        }

        void Read(string line)
        {
            last = line.Length > 0 ? line : last;
            errors.Read(line);
        }
    }
}
