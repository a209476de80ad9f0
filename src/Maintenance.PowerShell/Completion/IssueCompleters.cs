namespace Maintenance.Completion;

/// <summary>Completes ids of issues, with what each is. Asks nobody.</summary>
public sealed class IssueCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Session.Engine.Issues.Kinds.Select(kind => new NameChoice(kind.Id, kind.Title)));
}

/// <summary>Completes areas of issues, with the ids in each. Asks nobody.</summary>
public sealed class IssueAreaCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Session.Engine.Issues.Kinds.GroupBy(kind => kind.Area).Select(area => new NameChoice(area.Key, string.Join(", ", area.Select(kind => kind.Id)))));
}
