namespace Maintenance.Engine.Security.Access;

/// <summary>One check of an access review: what is known in, what is wrong out.</summary>
/// <param name="Id">Stable identifier.</param>
/// <param name="Title">What is so where all is well, as a sentence without its full stop.</param>
/// <param name="Severity">How much it matters at most; a fault may matter less.</param>
/// <param name="Evaluate">Judges.</param>
internal sealed record AccessCheck(string Id, string Title, FindingSeverity Severity, Func<AccessReviewContext, CheckResult> Evaluate) : CheckDescription(Id, Title, Severity);
