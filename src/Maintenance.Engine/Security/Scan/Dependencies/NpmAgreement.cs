using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>
/// Whether a lock file and the package.json beside it speak of the same packages. npm audit reads the lock file alone: of one that is out of step with what is asked for, it tells what was
/// once installed.
/// </summary>
internal static partial class NpmAgreement
{
    private const int MostNames = 3;

    /// <summary>What does not agree, as a phrase; null if all does, or if there is no package.json.</summary>
    /// <param name="lockFile">The lock file.</param>
    /// <param name="folder">Its folder.</param>
    public static string? Problem(NpmLockFile lockFile, string folder)
    {
        var strangers = (lockFile.IsOld ? Old(lockFile, folder) : lockFile.Projects.SelectMany(project => Strangers(lockFile, project.Key, project.Value.Asked, folder)).Concat(NoProject(lockFile, folder)))
            .Distinct().ToList();
        return strangers.Count == 0 ? null
            : $"the lock file does not fit package.json: {string.Join(", ", strangers.Take(MostNames))}{(strangers.Count > MostNames ? string.Create(CultureInfo.InvariantCulture, $" and {strangers.Count - MostNames} more") : "")} {(strangers.Count == 1 ? "is" : "are")} not in it as asked for";
    }

    /// <summary>Whether the project asks for nothing, and its lock file says the same: then there is nothing to look at.</summary>
    /// <param name="lockFile">The lock file.</param>
    /// <param name="folder">Its folder.</param>
    public static bool IsEmpty(NpmLockFile lockFile, string folder) =>
        lockFile.Projects.Any() && NpmRequirement.In(Path.Combine(folder, "package.json")) is { Count: 0 } && Problem(lockFile, folder) is null;

    private static IEnumerable<string> Strangers(NpmLockFile lockFile, string project, IReadOnlyList<NpmRequirement> known, string folder) =>
        from asked in (NpmRequirement.In(Path.Combine(folder, project, "package.json")) ?? []).GroupBy(asked => asked.Name)
        where !asked.Any(one => known.Any(other => other.Name == one.Name && other.Range == one.Range))
            // Of folders within, npm installs some lists and some not.
            || (project.Length == 0 && asked.All(one => !one.IsOptional) && lockFile[$"node_modules/{asked.Key}"] is null)
        select asked.Key;

    // One that names not even the project itself knows nothing of what it asks for.
    private static IEnumerable<string> NoProject(NpmLockFile lockFile, string folder) =>
        lockFile[""] is null ? (NpmRequirement.In(Path.Combine(folder, "package.json")) ?? []).Where(asked => !asked.IsOptional).Select(asked => asked.Name) : [];

    // Version 1 of the format keeps no ranges: what is there, and an exact version, can be compared.
    private static IEnumerable<string> Old(NpmLockFile lockFile, string folder) =>
        from asked in NpmRequirement.In(Path.Combine(folder, "package.json")) ?? []
        where !asked.IsOptional && (lockFile[$"node_modules/{asked.Name}"] is not { } package || (Exact().IsMatch(asked.Range) && package.Version != asked.Range))
        select asked.Name;

    [GeneratedRegex(@"^[0-9]+\.[0-9]+\.[0-9]+$")]
    private static partial Regex Exact();
}
