using System.Globalization;

namespace Maintenance.Engine.Retention;

/// <summary>What the checks of a policy came to.</summary>
/// <param name="Refusal">Why it may not run; null if it may.</param>
/// <param name="Notes">What whoever runs it should know.</param>
internal sealed record Judgement(MaintenanceException? Refusal, IReadOnlyList<string> Notes);

/// <summary>
/// Decides whether a policy may touch its table. What would lose rows, or hide some, is refused whatever the caller says; what would be
/// slow, or takes rows of other tables along by those tables' own wish, only unless forced. Pure.
/// </summary>
internal static class PolicyJudge
{
    /// <summary>Decides.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="facts">What the catalogue says.</param>
    /// <param name="force">The caller takes what is slow.</param>
    public static Judgement Decide(RetentionPolicy policy, PolicyFacts facts, bool force)
    {
        var notes = new List<string>();
        foreach (var refusal in Never(policy, facts))
        {
            return new Judgement(refusal, notes);
        }

        foreach (var refusal in UnlessForced(policy, facts))
        {
            if (!force)
            {
                return new Judgement(refusal, notes);
            }

            notes.Add($"Forced: {refusal.Message}");
        }

        notes.AddRange(Notes(policy, facts));
        return new Judgement(null, notes);
    }

    /// <summary>What the role lacks for a policy; the recommendation of each is the statement that gives it.</summary>
    public static IEnumerable<MaintenanceException> Denials(RetentionPolicy policy, PolicyFacts facts) =>
        Never(policy, facts).Where(refusal => refusal.Code == MaintenanceErrorCode.PermissionDenied);

    private static IEnumerable<MaintenanceException> Never(RetentionPolicy policy, PolicyFacts facts)
    {
        var table = facts.Table;
        var quoted = table.QuotedName;
        if (table.Kind is not ('r' or 'p') || table.IsOfTheSystem)
        {
            yield return Refused($"{quoted} is no table that rows may leave.", "Name an ordinary or a partitioned table of your own.");
        }

        if (Missing(policy.Action, table) is { Count: > 0 } missing)
        {
            yield return Denied(missing, table);
        }

        if (facts.Time is not { } time)
        {
            yield return Unfit(
                $"{quoted} has no column {policy.TimeColumn}.",
                $"Its columns are: {string.Join(", ", table.Columns.Take(30).Select(column => column.Name))}.");
            yield break;
        }

        if (time.Kind is null)
        {
            yield return Unfit($"The column {time.QuotedName} of {quoted} is {time.Type}, which does not tell a time.", "Name a column of type timestamptz, timestamp or date.");
        }

        if (table.HidesRows)
        {
            yield return new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"Row security of {quoted} hides rows from the role {table.QuotedRole}, so what is past its age could not be seen whole.",
                // Its owner sees all rows as well, unless the table says FORCE ROW LEVEL SECURITY.
                $"ALTER ROLE {table.QuotedRole} BYPASSRLS;");
        }

        if (table.HasRules)
        {
            yield return Refused($"{quoted} has rules, which rewrite what we run.", "Replace the rules by triggers, or take the table out of retention.");
        }

        if (table.HasChildren)
        {
            yield return Refused($"{quoted} has tables that inherit from it, whose rows would go as well.", "Give each of them a policy of its own; declarative partitions can share one.");
        }

        if (policy.Action == RetentionAction.Anonymise)
        {
            foreach (var refusal in Columns(policy, table))
            {
                yield return refusal;
            }
        }

        if (facts.Archive is { } archive)
        {
            foreach (var refusal in Archive(facts, archive))
            {
                yield return refusal;
            }
        }

    }

    private static IEnumerable<MaintenanceException> Columns(RetentionPolicy policy, TableFacts table)
    {
        foreach (var (name, method) in policy.Anonymise)
        {
            var column = table.Columns.FirstOrDefault(column => column.Name == name);
            if (column is null)
            {
                yield return Unfit($"{table.QuotedName} has no column {name}.", "Correct \"anonymise\" in the policy.");
            }
            else if (column.IsGenerated)
            {
                yield return Unfit($"The column {column.QuotedName} of {table.QuotedName} is generated from others.", "Overwrite the columns that it is made of.");
            }
            else if (method == AnonymiseMethod.Null && column.IsNotNull)
            {
                yield return Unfit($"The column {column.QuotedName} of {table.QuotedName} is NOT NULL.", "Use Redact or Pseudonym, or let it be null.");
            }
            else if (method != AnonymiseMethod.Null && !column.IsText)
            {
                yield return Unfit($"The column {column.QuotedName} of {table.QuotedName} is {column.Type}, not text.", "Use Null for it.");
            }
            // The modifier of a text's length counts four bytes more.
            else if (method != AnonymiseMethod.Null && column.TypeModifier >= 4 && column.TypeModifier - 4 < RetentionStatements.LengthOf(method))
            {
                yield return Unfit(
                    string.Create(CultureInfo.InvariantCulture, $"The column {column.QuotedName} of {table.QuotedName} is {column.Type}, too short for the {RetentionStatements.LengthOf(method)} characters of {method}."),
                    "Use Null for it, or make it longer.");
            }
        }
    }

    private static IEnumerable<MaintenanceException> Archive(PolicyFacts facts, TableFacts archive)
    {
        if (archive.Oid == facts.Table.Oid)
        {
            yield return Refused($"{archive.QuotedName} cannot be its own archive.", "Name another table as destination.");
        }

        if (archive.Kind is not ('r' or 'p') || archive.IsOfTheSystem)
        {
            yield return Drift($"{archive.QuotedName} is no table that rows may move to.", "Name an ordinary or a partitioned table.");
        }

        if (archive.HasRules)
        {
            yield return Drift($"The archive {archive.QuotedName} has rules, which rewrite what we run: rows could be lost.", "Replace them by triggers.");
        }

        var byName = archive.Columns.ToDictionary(column => column.Name);
        var missing = facts.Table.Columns.Where(column => !byName.ContainsKey(column.Name)).ToList();
        if (missing.Count > 0)
        {
            yield return Drift(
                $"The archive {archive.QuotedName} lacks column(s) that {facts.Table.QuotedName} has, and their values would be lost: {string.Join(", ", missing.Select(column => column.Name))}.",
                $"ALTER TABLE {archive.QuotedName} {string.Join(", ", missing.Select(column => $"ADD COLUMN {column.QuotedName} {column.Type}"))};");
        }

        var changed = facts.Table.Columns
            .Where(column => byName.TryGetValue(column.Name, out var to) && !Holds(facts, column, to))
            .Select(column => (From: column, To: byName[column.Name]))
            .ToList();
        if (changed.Count > 0)
        {
            yield return Drift(
                $"Column(s) of the archive {archive.QuotedName} cannot hold every value of {facts.Table.QuotedName}: {string.Join(", ", changed.Select(pair => $"{pair.From.Name} ({pair.From.Type} into {(pair.To.IsGenerated ? "a generated column" : pair.To.Type)})"))}.",
                $"ALTER TABLE {archive.QuotedName} {string.Join(", ", changed.Select(pair => pair.To.IsGenerated ? $"ALTER COLUMN {pair.To.QuotedName} DROP EXPRESSION" : $"ALTER COLUMN {pair.To.QuotedName} TYPE {pair.From.Type}"))};");
        }

        var unfilled = archive.Columns.Where(column => column is { IsNotNull: true, HasDefault: false, IsGenerated: false } && facts.Table.Columns.All(from => from.Name != column.Name)).ToList();
        if (unfilled.Count > 0)
        {
            yield return Drift(
                $"The archive {archive.QuotedName} has NOT NULL column(s) without a default that {facts.Table.QuotedName} does not have: {string.Join(", ", unfilled.Select(column => column.Name))}.",
                $"ALTER TABLE {archive.QuotedName} {string.Join(", ", unfilled.Select(column => $"ALTER COLUMN {column.QuotedName} DROP NOT NULL"))};");
        }

        if (!archive.MayInsert || !archive.MaySelect)
        {
            yield return new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"The role {archive.QuotedRole} may not write to the archive {archive.QuotedName}.",
                $"GRANT SELECT, INSERT ON TABLE {archive.QuotedName} TO {archive.QuotedRole};");
        }
    }

    private static IEnumerable<MaintenanceException> UnlessForced(RetentionPolicy policy, PolicyFacts facts)
    {
        var table = facts.Table;
        if (facts.TimeIndexes.Count == 0)
        {
            yield return Refused(
                $"{table.QuotedName} has no index that begins with {facts.Time!.QuotedName}: the table would be read whole.",
                table.IsPartitioned
                    ? $"CREATE INDEX ON {table.QuotedName} ({facts.Time.QuotedName}); at a quiet time, for it cannot be built CONCURRENTLY on a partitioned table. Or use -Force."
                    : $"CREATE INDEX CONCURRENTLY ON {table.QuotedName} ({facts.Time.QuotedName}); Or use -Force.");
        }

        if (policy.Action == RetentionAction.Anonymise)
        {
            yield break;
        }

        foreach (var other in facts.ReferringTables.Where(other => other.OnDelete is 'c' or 'n' or 'd'))
        {
            yield return Refused(
                $"Rows of {other.QuotedTable} refer to {table.QuotedName} and would {(other.OnDelete == 'c' ? "be deleted" : "lose the reference")} with it ({other.QuotedName}, ON DELETE {(other.OnDelete == 'c' ? "CASCADE" : other.OnDelete == 'n' ? "SET NULL" : "SET DEFAULT")}), archived or not.",
                $"Give {other.QuotedTable} a policy with a lower order, whose rows go first; or use -Force.");
        }

        foreach (var other in facts.ReferringTables.Where(other => !other.IsIndexed))
        {
            yield return Refused(
                $"{other.QuotedTable} refers to {table.QuotedName} ({other.QuotedName}) without an index: each row that goes would make the server read that whole table.",
                $"CREATE INDEX CONCURRENTLY ON {other.QuotedTable} ({other.QuotedColumns}); Or use -Force.");
        }
    }

    private static IEnumerable<string> Notes(RetentionPolicy policy, PolicyFacts facts)
    {
        var own = facts.Table.Triggers.Where(trigger => policy.Action == RetentionAction.Anonymise ? trigger.OnUpdate : trigger.OnDelete).ToList();
        if (own.Count > 0)
        {
            yield return $"Trigger(s) of {facts.Table.QuotedName} will run: {string.Join(", ", own.Select(trigger => trigger.QuotedName))}.";
        }

        if (facts.Archive?.Triggers.Where(trigger => trigger.OnInsert).ToList() is { Count: > 0 } archive)
        {
            yield return $"Trigger(s) of the archive {facts.Archive.QuotedName} will run: {string.Join(", ", archive.Select(trigger => trigger.QuotedName))}.";
        }

        if (facts.ReferringTables.Where(other => other.OnDelete is 'a' or 'r').Select(other => other.QuotedTable).Distinct().ToList() is { Count: > 0 } referring
            && policy.Action != RetentionAction.Anonymise)
        {
            yield return $"Rows that {string.Join(", ", referring)} still refers to cannot go; the server refuses their whole batch.";
        }

        if (facts.Archive is { } to && facts.Table.Columns.Where(column => !column.IsNotNull && to.Columns.Any(other => other.Name == column.Name && other.IsNotNull)).ToList() is { Count: > 0 } stricter)
        {
            yield return $"The archive is stricter: {string.Join(", ", stricter.Select(column => column.Name))} may not be null there. A row with null cannot move.";
        }

        if (facts.Time!.Kind != TimeKind.Moment)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{facts.Time.QuotedName} has no time zone; its times are taken as those of {policy.TimeZone}.");
        }
    }

    // The same type, or one into which the server casts by itself anywhere, which by its own rule loses nothing; and no narrower modifier.
    private static bool Holds(PolicyFacts facts, ColumnFacts from, ColumnFacts to) =>
        !to.IsGenerated
        && (from.Type == to.Type
            || ((from.TypeOid == to.TypeOid || facts.LosslessCasts.Contains((from.TypeOid, to.TypeOid))) && to.TypeModifier == -1));

    private static List<string> Missing(RetentionAction action, TableFacts table)
    {
        var missing = new List<string>();
        if (!table.MaySelect)
        {
            missing.Add("SELECT");
        }

        if (action == RetentionAction.Anonymise ? !table.MayUpdate : !table.MayDelete)
        {
            missing.Add(action == RetentionAction.Anonymise ? "UPDATE" : "DELETE");
        }

        return missing;
    }

    private static MaintenanceException Denied(List<string> missing, TableFacts table) => new(
        MaintenanceErrorCode.PermissionDenied,
        $"The role {table.QuotedRole} lacks {string.Join(" and ", missing)} on {table.QuotedName}.",
        $"GRANT {string.Join(", ", missing)} ON TABLE {table.QuotedName} TO {table.QuotedRole};");

    private static MaintenanceException Refused(string message, string recommendation) => new(MaintenanceErrorCode.RetentionRefused, message, recommendation);

    private static MaintenanceException Unfit(string message, string recommendation) => new(MaintenanceErrorCode.MappingInvalid, message, recommendation);

    private static MaintenanceException Drift(string message, string recommendation) => new(MaintenanceErrorCode.DestinationUnfit, message, recommendation);
}
