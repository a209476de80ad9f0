namespace Maintenance.Completion;

/// <summary>Completes the names of tasks.</summary>
public sealed class TaskCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Session.Engine.Tasks.List().Select(task => new NameChoice(task.Name, task.Description)));
}
