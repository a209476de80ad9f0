using System.Globalization;

namespace Maintenance.Engine.Tasks;

/// <summary>Where the log of a run lies: beside the history, one file for each run, named in UTC.</summary>
internal static class RunLogPath
{
    /// <summary>How the names of logs begin in the artefact store.</summary>
    public const string LogStem = "maintenance";

    /// <summary>The folder with the logs of a target.</summary>
    public static string FolderFor(MaintenanceTarget target)
    {
        var root = target.History is { Kind: HistoryKind.Sqlite, Path: { } path } && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder
            ? folder
            : PrivateFiles.StateFolder;
        return Path.Combine(root, "logs", SafeName(target.Name));
    }

    /// <summary>The log of a run.</summary>
    public static string For(MaintenanceTarget target, MaintenanceRun run)
    {
        // The run's id keeps two runs of one second apart, and a name from outside cannot leave the folder.
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Task.ToLowerInvariant()}-{run.StartedAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{run.Id.ToString("N")[^8..]}.log");
        return Path.Combine(FolderFor(target), name);
    }

    /// <summary>Whether a run of a task left a log since a time; false where nobody can tell.</summary>
    public static bool HasRecent(MaintenanceTarget target, string task, DateTimeOffset since)
    {
        try
        {
            return new DirectoryInfo(FolderFor(target)).EnumerateFiles($"{task.ToLowerInvariant()}-*.log").Any(file => file.LastWriteTimeUtc > since.UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A file of a run, beside its log.</summary>
    public static string For(MaintenanceTarget target, MaintenanceRun run, TaskDocument file) =>
        Path.ChangeExtension(For(target, run), file.Stem == LogStem ? file.Extension : $"{file.Stem}.{file.Extension}");

    private static string SafeName(string name)
    {
        var safe = string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' ? character : '_'));
        return safe.Length == 0 ? "target" : safe[..Math.Min(safe.Length, 64)];
    }
}
