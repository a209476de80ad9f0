using System.Globalization;

namespace Maintenance.Engine.Compliance;

/// <summary>The rules of each part; docs/compliance.md says where they come from. Pure.</summary>
internal static class ComplianceRules
{
    /// <summary>Below this share of consents it is no longer a matter of a few (guide A10).</summary>
    private const double FewConsents = 90;

    /// <summary>Consents of accounts.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="table">The table that was to be read, as for each of the rules.</param>
    /// <param name="part">Where to tell it.</param>
    public static void Consents(Reading<ConsentFacts> reading, string table, PartJudgement part)
    {
        if (reading.Facts is not { } facts)
        {
            Miss(part, table, reading.Failure!, ComplianceCheck.Consent);
            return;
        }

        var missing = facts.Accounts - facts.Consented;
        if (facts.Contradictory > 0)
        {
            const string Advice = "Name the column with the time of a decision in analytics.consents.time, so that the newest counts.";
            var message = string.Create(CultureInfo.InvariantCulture, $"{facts.Contradictory} of {facts.Accounts} accounts have both a consent and a refusal, and nothing tells which is newer.");
            part.Unknown(message);
            part.Unknown(ComplianceCheck.Consent, facts.Table, message, Advice, ("Accounts", facts.Accounts), ("Contradictory", facts.Contradictory), ("Missing", missing));
            return;
        }

        part.Share(facts.Consented, facts.Accounts, "There are no accounts.");
        if (missing > 0)
        {
            part.Fail(
                ComplianceCheck.Consent,
                facts.Table,
                $"{missing} of {facts.Accounts} accounts have not consented to the processing.",
                part.Percent < FewConsents ? FindingSeverity.High : null,
                ("Accounts", facts.Accounts),
                ("Consented", facts.Consented),
                ("Missing", missing));
        }
        else if (facts.Accounts == 0)
        {
            part.Pass(ComplianceCheck.Consent, facts.Table, $"There are no accounts: nobody's consent is missing, and none was looked at.", ("Accounts", 0L));
        }
        else
        {
            part.Pass(ComplianceCheck.Consent, facts.Table, $"All {facts.Accounts} accounts have consented to the processing.", ("Accounts", facts.Accounts));
        }
    }

    /// <summary>Requests of a kind.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="table">The table that was to be read.</param>
    /// <param name="part">Where to tell it.</param>
    /// <param name="name">What they are called: access, deletion.</param>
    /// <param name="setting">The setting of the kind.</param>
    /// <param name="overdue">The check of open ones.</param>
    /// <param name="late">The check of answered ones.</param>
    public static void Requests(Reading<RequestFacts> reading, string table, PartJudgement part, string name, string setting, ComplianceCheck overdue, ComplianceCheck late)
    {
        if (reading.Facts is not { } facts)
        {
            Miss(part, table, reading.Failure!, overdue, late);
            return;
        }

        var strange = facts.Unrecognised == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{facts.Unrecognised} requests that are open or count within {ComplianceReader.Period.Days} days are of kinds that nobody knows, {facts.UnrecognisedKinds} in all{(facts.UnrecognisedNames.Count == 0 ? "" : $" ({string.Join(", ", facts.UnrecognisedNames)})")}: one may be {name} ('{facts.Kind}') under another name.");
        var open = strange ?? (facts.Undated == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Of {facts.Undated} open {name} requests nothing tells by when they must be answered."));
        var answered = strange ?? (facts.UndatedAnswered == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Of {facts.UndatedAnswered} answered {name} requests nothing tells by when they had to be answered."));
        if ((open ?? answered) is { } doubt)
        {
            part.Unknown(doubt);
        }
        else
        {
            part.Share(facts.InTime, facts.FellDue, $"No {name} request fell due.");
        }

        var advice = strange is null
            ? "Fill in when they came, or by when they must be answered."
            : $"Name the kind in {setting} if one of them is it; name those that ask for something else in analytics.subjectRequests.otherTypes.";
        Overdue(facts, part, name, overdue, open, advice);
        Late(facts, part, name, late, answered, advice);
    }

    public static void Coverage(Reading<AuditCoverageFacts> reading, string table, PartJudgement part)
    {
        if (reading.Facts is not { } facts)
        {
            Miss(part, table, reading.Failure!, ComplianceCheck.AuditGap);
            return;
        }

        var period = ComplianceReader.Period.Days;
        var without = Enumerable.Range(0, period).Where(day => !facts.Days.Contains(day)).ToList();
        part.Share(period - without.Count, period, "");
        (string, object?)[] evidence =
        [
            ("Entries", facts.Entries),
            ("DaysWithoutEntry", without.Count),
            // Each is the 24 hours that begin then.
            ("WithoutEntryFrom", string.Join(", ", without.Select(day => facts.Now.AddDays(-day - 1).UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)).Reverse())),
            ("LargestGapFrom", facts.GapFrom),
            ("LargestGapTo", facts.GapTo),
            ("LargestGap", facts.GapTo - facts.GapFrom),
        ];
        if (without.Count > 0)
        {
            part.Fail(
                ComplianceCheck.AuditGap,
                facts.Table,
                $"The audit log has no entry on {without.Count} of the last {period} days; the longest time without one is {(facts.GapTo - facts.GapFrom).TotalHours:0} hours, from {facts.GapFrom.UtcDateTime:yyyy-MM-dd HH:mm} to {facts.GapTo.UtcDateTime:yyyy-MM-dd HH:mm} UTC.",
                null,
                evidence);
        }
        else
        {
            part.Pass(ComplianceCheck.AuditGap, facts.Table, $"The audit log has entries on each of the last {period} days.", evidence);
        }
    }

    public static void Sequence(Reading<AuditSequenceFacts>? reading, string table, bool isThere, PartJudgement part)
    {
        switch (reading)
        {
            case null:
                return;
            case { Failure.Code: MaintenanceErrorCode.MappingInvalid } when isThere:
                // The log is there, and has no numbers.
                part.Manual(ComplianceCheck.AuditSequence, table, $"Whether entries of the audit log were removed cannot be told from it: {reading.Failure.Message}", reading.Failure.Recommendation);
                part.Manual(ComplianceCheck.AuditOrder, table, $"Whether entries of the audit log were written later cannot be told from it: {reading.Failure.Message}", reading.Failure.Recommendation);
                return;
            case { Facts: null }:
                part.Miss(ComplianceCheck.AuditSequence, table, reading.Failure!);
                part.Miss(ComplianceCheck.AuditOrder, table, reading.Failure!);
                return;
        }

        var facts = reading.Facts;
        if (facts.Entries == 0)
        {
            // Nothing that is left says whether something was taken away: all of it may have been.
            const string Message = "The audit log has no entries of the last 30 days: what was removed or written later cannot be told.";
            part.Unknown(ComplianceCheck.AuditSequence, facts.Table, Message, ComplianceCheck.AuditGap.Recommendation, ("Entries", 0L));
            part.Unknown(ComplianceCheck.AuditOrder, facts.Table, Message, ComplianceCheck.AuditGap.Recommendation, ("Entries", 0L));
            return;
        }

        if (facts.Missing > 0 || facts.Duplicate > 0)
        {
            part.Fail(
                ComplianceCheck.AuditSequence,
                facts.Table,
                $"{facts.Missing} numbers between entries of the audit log have no entry, in {facts.Holes} places, and {facts.Duplicate} entries have the number of another.",
                null,
                ("Entries", facts.Entries),
                ("Missing", facts.Missing),
                ("Holes", facts.Holes),
                ("Duplicate", facts.Duplicate));
        }
        else
        {
            part.Pass(ComplianceCheck.AuditSequence, facts.Table, $"The numbers of the audit log's entries are without holes.", ("Entries", facts.Entries));
        }

        if (facts.WrittenLater > 0 || facts.InFuture > 0)
        {
            part.Fail(
                ComplianceCheck.AuditOrder,
                facts.Table,
                $"{facts.WrittenLater} entries of the audit log have a time more than {ComplianceReader.OrderTolerance.TotalHours:0} h before that of one with a lower number, and {facts.InFuture} a time to come (by more than {ComplianceReader.ClockTolerance.TotalMinutes:0} minutes).",
                null,
                ("Entries", facts.Entries),
                ("WrittenLater", facts.WrittenLater),
                ("InFuture", facts.InFuture));
        }
        else
        {
            part.Pass(ComplianceCheck.AuditOrder, facts.Table, $"The entries of the audit log were written in the order of their times.", ("Entries", facts.Entries));
        }
    }

    /// <summary>Rows past their age.</summary>
    /// <param name="readings">The policies.</param>
    /// <param name="areConfigured">They are the target's own; otherwise the guide's, for tables that need not be there.</param>
    /// <param name="now">The time.</param>
    /// <param name="part">Where to tell it.</param>
    public static void Retention(IReadOnlyList<PolicyReading>? readings, bool areConfigured, DateTimeOffset now, PartJudgement part)
    {
        if (readings is null)
        {
            part.Unknown("A quick report does not look at it.");
            return;
        }

        var policies = areConfigured ? readings : [.. readings.Where(policy => policy.Reading.Failure?.Code != MaintenanceErrorCode.ObjectNotFound)];
        if (policies.Count == 0)
        {
            const string Message = "No retention policy is configured, and the guide's tables are not there.";
            part.Unknown(Message);
            part.Unknown(ComplianceCheck.Retention, null, Message, "Say in \"retention\" of maintenance.json how long rows are kept.");
            return;
        }

        foreach (var (policy, reading) in policies)
        {
            One(policy, reading, areConfigured, now, part);
        }

        if (policies.FirstOrDefault(policy => policy.Reading.Failure is not null) is { Reading.Failure: { } failure })
        {
            part.Unknown(failure.Message);
        }
        else
        {
            part.Share(policies.Count(policy => policy.Reading.Facts!.Rows == 0), policies.Count, "");
        }

        // A check passes as a whole, or not at all.
        if (part.Findings.Count == 0)
        {
            part.Pass(
                ComplianceCheck.Retention,
                null,
                $"No row is more than {RetentionReader.Grace.TotalDays:0} days past the age of its policy.{(areConfigured ? "" : " The policies are the guide's: no retention is configured for this target.")}",
                ("Policies", policies.Count),
                ("Configured", areConfigured));
        }
    }

    private static void One(RetentionPolicy policy, Reading<RetentionFacts> reading, bool isConfigured, DateTimeOffset now, PartJudgement part)
    {
        if (reading.Facts is not { } facts)
        {
            part.Miss(ComplianceCheck.Retention, TableName.Of(policy.Table), reading.Failure!);
            return;
        }

        if (facts.Rows > 0)
        {
            part.Fail(
                ComplianceCheck.Retention,
                facts.Table,
                $"{(facts.IsBound ? "More than " : "")}{facts.Rows} rows of {facts.Table} are more than {RetentionReader.Grace.TotalDays:0} days past their age of {policy.Age.TotalDays:0.##} days; {(facts.IsBound ? "one of the oldest seen" : "the oldest")} is {(now - (facts.Oldest ?? now)).TotalDays:0} days old.{(isConfigured ? "" : " The age is the guide's: no retention is configured for this target.")}",
                null,
                isConfigured
                    ? ComplianceCheck.Retention.Recommendation
                    : "Say in \"retention\" of maintenance.json how long rows of this table are kept; after that Invoke-DbRetention takes them.",
                ("Rows", facts.Rows),
                ("IsLowerBound", facts.IsBound),
                ("Oldest", facts.Oldest),
                ("AgeDays", policy.Age.TotalDays),
                ("GraceDays", RetentionReader.Grace.TotalDays),
                ("HoldRespected", facts.Held),
                ("Configured", isConfigured));
        }
    }

    private static void Overdue(RequestFacts facts, PartJudgement part, string name, ComplianceCheck check, string? doubt, string advice)
    {
        (string, object?)[] evidence =
        [
            ("Open", facts.Open),
            ("Overdue", facts.Overdue),
            ("DueWithinWeek", facts.DueWithinWeek),
            ("OldestOpen", facts.OldestOpen),
            ("FirstDue", facts.FirstDue),
            ("DueFrom", DueFrom(facts)),
        ];
        if (facts.Overdue > 0)
        {
            part.Fail(check, facts.Table, $"{facts.Overdue} of {facts.Open} open {name} requests are past their time; the first should have been answered by {facts.FirstDue?.UtcDateTime:yyyy-MM-dd}.", null, evidence);
        }

        // What is known to be late is told, and that more may be.
        if (doubt is not null)
        {
            part.Unknown(check, facts.Table, doubt, advice, evidence);
        }
        else if (facts.Overdue == 0)
        {
            part.Pass(check, facts.Table, facts.Open == 0 ? $"There is no open {name} request." : (FormattableString)$"None of the {facts.Open} open {name} requests is past its time.", evidence);
        }
    }

    private static void Late(RequestFacts facts, PartJudgement part, string name, ComplianceCheck check, string? doubt, string advice)
    {
        (string, object?)[] evidence = [("AnsweredLate", facts.AnsweredLate), ("FellDue", facts.FellDue), ("DueFrom", DueFrom(facts))];
        if (facts.AnsweredLate > 0)
        {
            part.Fail(
                check,
                facts.Table,
                $"{facts.AnsweredLate} of {facts.FellDue} {name} requests that fell due within {ComplianceReader.Period.Days} days were answered late.",
                null,
                evidence);
        }

        if (doubt is not null)
        {
            part.Unknown(check, facts.Table, doubt, advice, evidence);
        }
        else if (facts.AnsweredLate == 0)
        {
            part.Pass(
                check,
                facts.Table,
                facts.FellDue == 0
                    ? $"No {name} request fell due within {ComplianceReader.Period.Days} days: there was none to be answered late."
                    : (FormattableString)$"None of the {facts.FellDue} {name} requests that fell due within {ComplianceReader.Period.Days} days was answered late.",
                evidence);
        }
    }

    private static string DueFrom(RequestFacts facts) => facts.HasDue ? "The table's own time" : "Receipt and term";

    private static void Miss(PartJudgement part, string table, MaintenanceException failure, params ComplianceCheck[] checks)
    {
        part.Unknown(failure.Message);
        foreach (var check in checks)
        {
            part.Miss(check, table, failure);
        }
    }
}
