namespace Maintenance;

/// <summary>What a baseline is about, in words.</summary>
internal static class BaselineSubject
{
    /// <summary>The text of a statement where it is known, and its id where it is not; otherwise the subject.</summary>
    /// <param name="source">Where the baseline comes from.</param>
    /// <param name="subject">Its subject: of statements, user, database, query id and level.</param>
    /// <param name="text">The text; null if it is not known.</param>
    public static string Words(BaselineSource source, string? subject, string? text) => (text, subject) switch
    {
        ({ Length: > 0 }, _) => text,
        (_, null or "") => "(all)",
        _ when source == BaselineSource.Statements && subject.Split('/') is [_, _, var id, _] => $"the statement with query id {id}, whose text is not known",
        _ => subject,
    };
}
