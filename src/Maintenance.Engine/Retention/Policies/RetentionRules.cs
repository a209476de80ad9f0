namespace Maintenance.Engine.Retention;

/// <summary>Something wrong with a policy by itself.</summary>
/// <param name="Setting">Which setting, as it is called in a configuration file.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record PolicyMistake(string Setting, string Message);

/// <summary>What can be said of a policy without asking a server. Pure.</summary>
internal static class RetentionRules
{
    /// <summary>A batch that may take longer than this would keep others waiting on purpose.</summary>
    private static readonly TimeSpan LongestBatchTarget = TimeSpan.FromSeconds(10);

    /// <summary>Beyond it calendars end; nobody means it.</summary>
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(365_250);

    /// <summary>What is wrong with a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="hasArchiveStore">Whether its target has a store for archives.</param>
    public static IEnumerable<PolicyMistake> Check(RetentionPolicy policy, bool hasArchiveStore) =>
        [.. Destination(policy, hasArchiveStore), .. Times(policy), .. Anonymise(policy), .. Hold(policy)];

    private static IEnumerable<PolicyMistake> Destination(RetentionPolicy policy, bool hasArchiveStore)
    {
        switch (policy.Action)
        {
            case RetentionAction.ArchiveToTable when string.IsNullOrWhiteSpace(policy.Destination):
                yield return new PolicyMistake("action", "An archive needs a \"destination\": the table the rows move to.");
                break;
            case RetentionAction.ArchiveToTable when !IsReference(policy.Destination!):
                yield return new PolicyMistake("destination", "That is no name of a table: name, schema.name or \"schema\".\"name\".");
                break;
            case RetentionAction.ArchiveToBlob when policy.Destination is { } folder && !ArchiveNames.IsFolder(folder):
                yield return new PolicyMistake("destination", "That is no folder in a store: parts of letters, digits, '.', '_' and '-', divided by single slashes.");
                break;
            case RetentionAction.ArchiveToBlob when !hasArchiveStore:
                yield return new PolicyMistake("action", "The target has no \"archiveStore\", where the rows would go.");
                break;
            case RetentionAction.Delete or RetentionAction.Anonymise when policy.Destination is not null:
                yield return new PolicyMistake(
                    "destination",
                    policy.Action == RetentionAction.Delete
                        ? "Rows that are deleted go nowhere. Set \"action\" to \"ArchiveToTable\" or \"ArchiveToBlob\", or remove \"destination\"."
                        : "Rows that are anonymised stay where they are. Remove \"destination\".");
                break;
        }

        if (!IsReference(policy.Table))
        {
            yield return new PolicyMistake("table", "That is no name of a table: name, schema.name or \"schema\".\"name\".");
        }
    }

    private static IEnumerable<PolicyMistake> Times(RetentionPolicy policy)
    {
        if (policy.Age <= TimeSpan.Zero)
        {
            yield return new PolicyMistake("age", "It must be longer than nothing.");
        }

        else if (policy.Age > LongestAge)
        {
            yield return new PolicyMistake("age", "It is longer than a thousand years.");
        }

        if (policy.BatchTarget is { } target && (target < TimeSpan.FromMilliseconds(1) || target > LongestBatchTarget))
        {
            yield return new PolicyMistake("batchTarget", "A batch takes 1 ms to 10 s; whoever wants one of its rows waits as long.");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(policy.TimeZone, out _))
        {
            yield return new PolicyMistake("timeZone", "There is no time zone of this name. Use an IANA name such as Europe/Berlin.");
        }
    }

    private static IEnumerable<PolicyMistake> Anonymise(RetentionPolicy policy)
    {
        if (policy.Action == RetentionAction.Anonymise && policy.Anonymise.Count == 0)
        {
            yield return new PolicyMistake("action", "Which columns? Set \"anonymise\": { \"email\": \"Redact\", \"user_id\": \"Null\" }.");
        }
        else if (policy.Action != RetentionAction.Anonymise && policy.Anonymise.Count > 0)
        {
            yield return new PolicyMistake("anonymise", "Set \"action\" to \"Anonymise\", or remove \"anonymise\".");
        }

        if (policy.Anonymise.ContainsKey(policy.TimeColumn))
        {
            yield return new PolicyMistake("anonymise", "The time column tells the rows' age and stays.");
        }
    }

    private static IEnumerable<PolicyMistake> Hold(RetentionPolicy policy)
    {
        if (policy.LegalHold is { } hold && HoldPredicate.Check(hold) is { } mistake)
        {
            yield return new PolicyMistake("legalHold", mistake);
        }
    }

    private static bool IsReference(string name)
    {
        try
        {
            _ = new DbObjectReference(name);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
