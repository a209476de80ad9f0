namespace Maintenance.Engine.Configuration;

/// <summary>Where a target comes from, for people: one of these words, or the path of its configuration file.</summary>
internal static class TargetOrigin
{
    /// <summary>Parameters alone.</summary>
    public const string Parameters = "parameters";

    /// <summary>The environment (PGHOST and others).</summary>
    public const string Environment = "environment";

    /// <summary>A sandbox.</summary>
    public const string Sandbox = "sandbox";

    /// <summary>True if a configuration file describes it, so that others find it there by its name.</summary>
    public static bool IsFile(MaintenanceTarget target) => Path.IsPathRooted(target.Origin);
}
