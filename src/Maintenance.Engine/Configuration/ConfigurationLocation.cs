namespace Maintenance.Engine.Configuration;

/// <summary>Where the configuration file is, and why there.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Reason">What led to it.</param>
/// <param name="IsExplicit">True if somebody named it; it must exist then.</param>
internal sealed record ConfigurationLocation(string Path, string Reason, bool IsExplicit)
{
    public const string FileName = "maintenance.json";
    public const string Variable = "MAINTENANCE_CONFIG";

    /// <summary>Finds the file: the named one, else $env:MAINTENANCE_CONFIG, else in the current folder, else the user's own.</summary>
    /// <param name="path">The file the caller named, if any.</param>
    /// <param name="currentFolder">The folder the caller is in.</param>
    /// <param name="userFolder">The user's own folder.</param>
    /// <param name="variable">The value of an environment variable.</param>
    /// <param name="exists">Whether a file exists.</param>
    /// <returns>Null if nobody named a file and there is none in the usual places.</returns>
    public static ConfigurationLocation? Find(
        string? path, string currentFolder, string userFolder, Func<string, string?> variable, Func<string, bool> exists)
    {
        if (path is not null)
        {
            return new ConfigurationLocation(System.IO.Path.GetFullPath(path, currentFolder), "named by -Path", true);
        }

        if (variable(Variable) is { Length: > 0 } named)
        {
            return new ConfigurationLocation(System.IO.Path.GetFullPath(named, currentFolder), $"named by $env:{Variable}", true);
        }

        return new[]
        {
            new ConfigurationLocation(System.IO.Path.Combine(currentFolder, FileName), "in the current folder", false),
            new ConfigurationLocation(System.IO.Path.Combine(userFolder, ".config", "maintenance", FileName), "the user's own", false),
        }.FirstOrDefault(candidate => exists(candidate.Path));
    }
}
