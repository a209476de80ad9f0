using Maintenance.Engine.Functions;

namespace Maintenance.Completion;

/// <summary>Completes the names of the functions that the module knows.</summary>
public sealed class FunctionCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => FunctionService.Known.Select(name => new NameChoice(name)));
}

/// <summary>Completes the actions that the module knows of a function.</summary>
public sealed class FunctionActionCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => (request.Bound["Function"] is { } function ? [function.ToString()!] : FunctionService.Known)
            .SelectMany(FunctionService.ActionsOf).Distinct().Select(name => new NameChoice(name)));
}
