namespace Maintenance.TestSupport;

/// <summary>Where 'dotnet build src/Pack.proj -t:Install' has laid the packages out, if MAINTENANCE_INSTALLED says so; otherwise what was built is used.</summary>
internal static class Installation
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("MAINTENANCE_INSTALLED") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>The folder of the installed module, which is named after its version; null where what was built is used.</summary>
    public static string? ModuleFolder { get; } = Folder is null ? null : Directory.GetDirectories(Path.Combine(Folder, "Modules", "Maintenance")).Single();

    /// <summary>The installed host; null where what was built is used.</summary>
    public static string? HostPath { get; } = Folder is null ? null : Path.Combine(Folder, "Maintenance.Host", "tools", "net10.0", "any", "Maintenance.Host.dll");
}
