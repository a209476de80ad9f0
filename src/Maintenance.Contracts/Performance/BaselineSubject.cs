namespace Maintenance;

/// <summary>What baselines are about, for people: nobody knows a statement by its number.</summary>
internal static class BaselineSubject
{
    /// <summary>The statement's text, or that it is not known; else the operation; null for the whole.</summary>
    public static string? Say(BaselineSource source, string? subject, string? text) =>
        string.IsNullOrEmpty(subject) ? null
        : !string.IsNullOrEmpty(text) ? text
        : source == BaselineSource.Statements && subject.Split('/') is [_, _, var id, _] ? id == "0" ? "all statements of a role that are hidden from the one that measured" : $"a statement whose text the server has forgotten (query id {id})"
        : subject;
}
