namespace Maintenance.Completion;

/// <summary>Completes the names of connected targets.</summary>
public sealed class TargetCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Session.Targets.Select(target => new NameChoice(target.Name, target.Origin ?? target.Name)));
}
