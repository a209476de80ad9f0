namespace Maintenance.Engine.Configuration;

/// <summary>Decides which targets a request means, and where their settings come from.</summary>
internal static class TargetResolver
{
    /// <summary>The name of a target that nobody named.</summary>
    public const string UnnamedTarget = "default";

    /// <summary>Whether a request leaves the file out: who says where a database is, and names no target or file, means no other settings.</summary>
    public static bool IgnoresFile(TargetRequest request) => request is { Path: null, Name: null, All: false } && SaysWhere(request);

    /// <summary>The targets that a request means.</summary>
    /// <param name="request">The request.</param>
    /// <param name="file">The file; null if there is none.</param>
    /// <param name="environment">What the environment says.</param>
    public static IReadOnlyList<MaintenanceTarget> Resolve(TargetRequest request, ConfigurationFile? file, PartialTarget environment)
    {
        if (file is null)
        {
            return [WithoutFile(request, environment)];
        }

        if (request.All)
        {
            return [.. file.Targets.Select(pair => FromFile(pair.Key, pair.Value, request, file, environment))];
        }

        var name = request.Name ?? DefaultName(file);
        foreach (var (known, settings) in file.Targets)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return [FromFile(known, settings, request, file, environment)];
            }
        }

        return request.Path is null && SaysWhere(request)
            ? [WithoutFile(request, environment)]
            : throw new MaintenanceException(
                MaintenanceErrorCode.TargetNotFound,
                $"{file.Path} describes no target '{name}'.",
                Suggestion.Sentence(name, [.. file.Targets.Keys]));
    }

    private static bool SaysWhere(TargetRequest request) => TargetEnvironment.NamesDatabase(request.Parameters.Database);

    private static MaintenanceTarget FromFile(
        string name, PartialTarget settings, TargetRequest request, ConfigurationFile file, PartialTarget environment) =>
        TargetFactory.Create(name, file.Path, request.Parameters, settings, environment);

    private static string DefaultName(ConfigurationFile file) => file.DefaultTarget ?? (file.Targets.Count == 1
        ? file.Targets.Keys.Single()
        : throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            $"{file.Path} describes several targets and says of none that it is the default.",
            $"Name one with -Name, take all with -All, or set \"defaultTarget\". They are: {string.Join(", ", file.Targets.Keys)}."));

    private static MaintenanceTarget WithoutFile(TargetRequest request, PartialTarget environment)
    {
        var hasParameters = request.Parameters != new PartialTarget();

        // A name means a target of a file. To put it on whatever the environment points at could do to one system what was meant for another.
        if (hasParameters || (request is { Name: null, All: false } && TargetEnvironment.NamesAnything(environment)))
        {
            return TargetFactory.Create(
                request.Name ?? UnnamedTarget, hasParameters ? TargetOrigin.Parameters : TargetOrigin.Environment, request.Parameters, new PartialTarget(), environment);
        }

        throw new MaintenanceException(
            MaintenanceErrorCode.ConfigurationNotFound,
            $"There is no {ConfigurationLocation.FileName} here or in ~/.config/maintenance, and $env:{ConfigurationLocation.Variable} names none.",
            "Make one with New-MaintenanceConfiguration, name one with -Path, connect with -HostName, set PGHOST or SUPABASE_DB_URL and give no name, or try things out with Start-MaintenanceSandbox.");
    }
}
