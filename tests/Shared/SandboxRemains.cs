namespace Maintenance.TestSupport;

/// <summary>What is left of a sandbox on this machine. Processes are looked for on Linux alone, where /proc tells whose they are.</summary>
internal static class SandboxRemains
{
    /// <summary>The folder, the record and the processes of a sandbox that are still there.</summary>
    /// <param name="id">Id of the sandbox.</param>
    public static IReadOnlyList<string> Of(string id)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"maintenance-sandbox-{id}");
        var record = Path.Combine(RecordFolder, $"{id}.json");
        return [.. new[] { folder, record }.Where(path => Directory.Exists(path) || File.Exists(path)), .. ProcessesOf(id)];
    }

    /// <summary>Waits until nothing is left, for what ends behind our back.</summary>
    /// <param name="id">Id of the sandbox.</param>
    /// <param name="patience">How long to wait.</param>
    /// <returns>What is still there.</returns>
    public static async Task<IReadOnlyList<string>> AfterAsync(string id, TimeSpan patience)
    {
        var began = TimeProvider.System.GetTimestamp();
        IReadOnlyList<string> remains;
        while ((remains = Of(id)).Count > 0 && TimeProvider.System.GetElapsedTime(began) < patience)
        {
            await Task.Delay(50);
        }

        return remains;
    }

    /// <summary>Numbers and command lines of the processes of a sandbox: they name its folder, or work in it.</summary>
    /// <param name="id">Id of the sandbox.</param>
    public static IReadOnlyList<string> ProcessesOf(string id) => OperatingSystem.IsLinux()
        ? [.. Directory.EnumerateDirectories("/proc").Where(process => char.IsAsciiDigit(Path.GetFileName(process)[0])).Select(process => Describe(process, id)).OfType<string>()]
        : [];

    /// <summary>Where the records of this user's sandboxes are.</summary>
    public static string RecordFolder => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Maintenance", "sandboxes")
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
                ? state
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
            "maintenance",
            "sandboxes");

    /// <summary>The record of a sandbox that has a text in it.</summary>
    /// <param name="text">The text.</param>
    public static string? RecordContaining(string text) => Directory.Exists(RecordFolder)
        ? Directory.EnumerateFiles(RecordFolder, "*.json").FirstOrDefault(file => TryRead(file)?.Contains(text, StringComparison.Ordinal) == true)
        : null;

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            // Its sandbox ended just now.
            return null;
        }
    }

    private static string? Describe(string process, string id)
    {
        try
        {
            var commandLine = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ').Trim();
            var folder = new FileInfo(Path.Combine(process, "cwd")).LinkTarget ?? "";
            return (commandLine + folder).Contains(id, StringComparison.Ordinal) ? $"{Path.GetFileName(process)} {commandLine}" : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is not ours to look at.
            return null;
        }
    }
}
