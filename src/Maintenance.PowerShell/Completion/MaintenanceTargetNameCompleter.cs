using System.Management.Automation;

namespace Maintenance.Completion;

/// <summary>Completes the names of the targets that the configuration file describes, and of connected ones.</summary>
public sealed class MaintenanceTargetNameCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request)
    {
        var (path, folder) = (FullPath(request.Bound["Path"] as string), FullPath("."));
        return Known(() => FileNames(request, path, folder)
            .Concat(request.Session.Targets.Select(target => target.Name))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name => new NameChoice(name)));
    }

    // A file that cannot be read hides no target that is connected.
    private static IReadOnlyList<string> FileNames(NameRequest request, string? path, string? folder)
    {
        try
        {
            return request.Session.Engine.Configuration.TargetNames(path, folder!);
        }
        catch (Exception exception) when (exception is MaintenanceException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The location of the session, which need not be that of the process.
    private static string? FullPath(string? path) => path is null ? null : ScriptBlock
        .Create("param($Path) $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)")
        .Invoke(path)
        .Select(result => result.BaseObject as string)
        .FirstOrDefault();
}
