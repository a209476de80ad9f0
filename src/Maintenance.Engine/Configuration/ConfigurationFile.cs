namespace Maintenance.Engine.Configuration;

/// <summary>A configuration file as it was read.</summary>
/// <param name="Path">The file.</param>
/// <param name="DefaultTarget">The target taken when none is named.</param>
/// <param name="Targets">What it says about each target; empty if its structure is wrong.</param>
/// <param name="Problems">What is wrong with it.</param>
internal sealed record ConfigurationFile(
    string Path,
    string? DefaultTarget,
    IReadOnlyDictionary<string, PartialTarget> Targets,
    IReadOnlyList<ConfigurationProblem> Problems)
{
    public bool IsValid => Problems.All(problem => problem.IsWarning);

    /// <summary>Problems with one target and with the file as a whole; all of them for no name.</summary>
    public IEnumerable<ConfigurationProblem> ProblemsOf(string? name) => Problems.Where(problem => name is null || !Targets.Keys
        .Where(other => !other.Equals(name, StringComparison.OrdinalIgnoreCase))
        .Any(other => problem.JsonPath.StartsWith($"$.targets.{other}.", StringComparison.Ordinal)
            || problem.JsonPath.StartsWith($"$.targets['{other}'].", StringComparison.Ordinal)));

    /// <exception cref="MaintenanceException">ConfigurationInvalid, with the first problem.</exception>
    public void ThrowIfInvalid()
    {
        var errors = Problems.Where(problem => !problem.IsWarning).ToList();
        if (errors.Count > 0)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ConfigurationInvalid,
                $"{Path} cannot be used: {errors[0]}{(errors.Count > 1 ? $" And {errors.Count - 1} more." : "")}",
                $"Test-MaintenanceConfiguration -Path '{Path.Replace("'", "''", StringComparison.Ordinal)}' lists all of them: first those of the form, and once these are mended those of the meaning.");
        }
    }
}
