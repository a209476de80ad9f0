namespace Maintenance.Engine.Inspect;

/// <summary>Names as people write them, for LIKE. Pure.</summary>
internal static class LikePattern
{
    /// <summary>The signs that LIKE knows, for those that people know.</summary>
    public static string Of(string name) =>
        name.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal).Replace('*', '%').Replace('?', '_');

    /// <summary>True if the name stands for others.</summary>
    public static bool IsWildcard(string name) => name.AsSpan().ContainsAny('*', '?', '[');
}
