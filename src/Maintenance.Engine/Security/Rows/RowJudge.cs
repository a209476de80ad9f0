using System.Globalization;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Security.Rows;

/// <summary>Judges what a subject could do: by the expectations, or, where there are none, by what strangers must never reach. It reads nothing.</summary>
internal sealed class RowJudge(MaintenanceTarget target, string database, RowExpectations? expectations, bool withWrites, int limit, DateTimeOffset now)
{
    private static readonly FindingMapping[] Mappings = [new("CIS PostgreSQL 17", "4.7"), new("GDPR", "Art. 32")];

    public RowSecurityAccess Judge(RowSecuritySubject subject, RowRelation relation, RowTrial trial)
    {
        var cells = Enum.GetValues<RowCommand>().ToDictionary(command => command, command => Compare(Cell(command, trial), subject, relation));
        return new RowSecurityAccess
        {
            Target = target.Name,
            Database = database,
            Schema = relation.Schema,
            Name = relation.Name,
            QualifiedName = relation.Quoted,
            Oid = relation.Oid,
            Subject = subject.Name,
            Role = subject.Role,
            Select = cells[RowCommand.Select],
            Insert = cells[RowCommand.Insert],
            Update = cells[RowCommand.Update],
            Move = cells[RowCommand.Move],
            Delete = cells[RowCommand.Delete],
            Findings = [.. cells.Values.Where(cell => cell.Outcome == FindingOutcome.Fail).Select(cell => Difference(cell, subject, relation)), .. Untold([.. cells.Values], subject, relation)],
            CollectedAt = now,
        };
    }

    /// <summary>Somebody who could not be tried at all.</summary>
    public RowSecurityAccess CannotBecome(RowSecuritySubject subject, string? grant) => new()
    {
        Target = target.Name,
        Database = database,
        Subject = subject.Name,
        Role = subject.Role,
        CollectedAt = now,
        Findings =
        [
            Finding("DBRLS-ROLE", FindingSeverity.High, subject.Name, grant is null ? $"There is no role {subject.Role}: nothing was tried as {subject.Name}." : $"This role may not act as {subject.Role}: nothing was tried as {subject.Name}.") with
            {
                Outcome = grant is null ? FindingOutcome.Unknown : FindingOutcome.NotPermitted,
                FixSql = grant,
                Recommendation = grant is null ? "Correct the subject's role." : "Run the statement as an administrator. Better still, use a login for this that may do nothing else.",
            },
        ],
    };

    /// <summary>A table that the expectations name and the database does not have.</summary>
    public RowSecurityAccess Gone(RowSecuritySubject subject, string table) => new()
    {
        Target = target.Name,
        Database = database,
        QualifiedName = table,
        Subject = subject.Name,
        Role = subject.Role,
        CollectedAt = now,
        Findings =
        [
            Finding("DBRLS-TABLE-GONE", FindingSeverity.Medium, table, $"The expectations speak of {table}, which was not found where was looked.") with
            {
                Outcome = FindingOutcome.Unknown,
                Recommendation = "Take it out of the expectations, or look in its schema too.",
            },
        ],
    };

    private RowSecurityCell Cell(RowCommand command, RowTrial trial)
    {
        var cell = new RowSecurityCell(command);
        if (trial.Untried.TryGetValue(command, out var why))
        {
            return why switch
            {
                "Denied" => cell with { Access = RowAccess.Denied, Reason = "no privilege" },
                "NotApplicable" => cell with { Outcome = FindingOutcome.Pass, Reason = "no policy compares a column" },
                _ => cell with { Outcome = FindingOutcome.Manual, Reason = why },
            };
        }

        if (!trial.Answers.TryGetValue(command, out var answer))
        {
            return cell with { Reason = trial.Failure ?? "not tried" };
        }

        if (answer.Code == "42501")
        {
            return cell with { Access = RowAccess.Denied, Reason = $"the server refused it ({SqlState.Describe(answer.Code)})" };
        }

        if (answer.Rows is not { } rows)
        {
            return cell with { Reason = $"the server ended it with an error ({SqlState.Describe(answer.Code)})" };
        }

        var total = command is RowCommand.Insert or RowCommand.Move ? answer.Of : trial.Total;
        if (total == 0)
        {
            return cell with { Reason = command is RowCommand.Insert or RowCommand.Move ? "there is no row to copy or to change" : "it is empty: nothing is proved" };
        }

        var capped = rows > limit;
        return cell with
        {
            Rows = rows,
            Total = total,
            IsCapped = capped,
            Access = rows == 0 ? RowAccess.None : rows == total && !capped ? RowAccess.All : RowAccess.Some,
            Reason = total is null ? "this role does not see every row itself" : null,
        };
    }

    private RowSecurityCell Compare(RowSecurityCell cell, RowSecuritySubject subject, RowRelation relation)
    {
        if (cell.Access is not { } access)
        {
            return cell with { Expected = expectations?.Find(relation.Quoted, subject.Name, cell.Command) };
        }

        // That nothing is seen says something only where there is something.
        var unproved = access == RowAccess.None && cell.Total is null;
        if (expectations is null)
        {
            var expected = subject.IsStranger && (relation.IsPersonal || cell.Command != RowCommand.Select) ? "None" : null;
            return cell with
            {
                Expected = expected,
                Outcome = (expected, access) switch
                {
                    (_, RowAccess.Denied) => FindingOutcome.Pass,
                    _ when unproved => FindingOutcome.NotPermitted,
                    (_, RowAccess.None) when subject.IsStranger => FindingOutcome.Pass,
                    (null, _) => FindingOutcome.Manual,
                    _ => FindingOutcome.Fail,
                },
                Reason = expected is null && access > RowAccess.None ? "nothing says what is right" : cell.Reason,
            };
        }

        return expectations.Find(relation.Quoted, subject.Name, cell.Command) is { } wanted
            ? cell with { Expected = wanted, Outcome = Against(wanted, cell, unproved) }
            : cell with { Outcome = FindingOutcome.Manual, Reason = "the expectations do not say what is right" };
    }

    private FindingOutcome Against(string wanted, RowSecurityCell cell, bool unproved)
    {
        if (long.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return cell.IsCapped && count > limit ? FindingOutcome.Unknown
                : cell.Access == RowAccess.Denied || cell.Rows != count ? FindingOutcome.Fail
                : unproved ? FindingOutcome.NotPermitted : FindingOutcome.Pass;
        }

        var level = Enum.Parse<RowAccess>(wanted);
        // More rows than were counted: some or all, nobody knows.
        return cell.IsCapped && level == RowAccess.All && cell.Access == RowAccess.Some ? FindingOutcome.Pass
            : level != cell.Access ? FindingOutcome.Fail
            : unproved ? FindingOutcome.NotPermitted : FindingOutcome.Pass;
    }

    private Finding Difference(RowSecurityCell cell, RowSecuritySubject subject, RowRelation relation)
    {
        var more = long.TryParse(cell.Expected, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? cell.Rows > count
            : cell.Access > Enum.Parse<RowAccess>(cell.Expected!);
        var command = cell.Command.ToString().ToUpperInvariant();
        var reached = cell.Access switch
        {
            RowAccess.Denied => "is refused",
            RowAccess.None => "reaches no row",
            RowAccess.All => $"reaches all {cell.Rows} rows",
            _ => string.Create(CultureInfo.InvariantCulture, $"reaches {(cell.IsCapped ? $"more than {limit}" : cell.Rows)}{(cell.Total is { } total && !cell.IsCapped ? $" of {(total > limit ? $"more than {limit}" : total)}" : "")} rows"),
        };
        var verb = cell.Command switch
        {
            RowCommand.Select => "Reading",
            RowCommand.Insert => "Inserting copies of",
            RowCommand.Update => "Updating",
            RowCommand.Move => "Giving rows to the owners of others in",
            _ => "Deleting from",
        };
        var id = $"DBRLS-{command}-{(more ? "LEAK" : "LESS")}";
        return Finding(
            id,
            more ? FindingSeverity.High : FindingSeverity.Medium,
            relation.Quoted,
            $"{verb} {relation.Quoted} as {subject.Name} {reached}, where {cell.Expected} is expected.") with
        {
            Recommendation = more
                ? Cause(subject, relation, cell.Command)
                : "Look at the policies and grants: something that is meant to work does not. Or change the expectation.",
            Evidence = Evidence(cell, subject, relation),
            // Two who reach too much of one table are two faults: one may be mended without the other.
            Fingerprint = FindingFingerprint.Of(id, database, relation.Quoted, subject.Name),
        };
    }

    private static string Cause(RowSecuritySubject subject, RowRelation relation, RowCommand command) => relation switch
    {
        { Kind: 'v' } => $"Set security_invoker on the view {relation.Quoted}, or revoke it from {subject.Role}: it may be read with its owner's privileges.",
        { Kind: 'm' } => $"A materialized view has no row security: revoke it from {subject.Role}.",
        { HasRowSecurity: false } => $"Row security is off for {relation.Quoted}: enable it and write policies, or revoke the privileges of {subject.Role}.",
        { IsForced: false } when relation.Owner == subject.Role => "The owner passes row security: force it, or act as another role.",
        _ when command == RowCommand.Move => $"Look at WITH CHECK of the UPDATE policies of {relation.Quoted}: it lets rows be given to others.",
        _ => $"Look at the policies of {relation.Quoted} for {(command == RowCommand.Insert ? "INSERT and their WITH CHECK" : command.ToString().ToUpperInvariant())}, and at whether {subject.Role} bypasses row security.",
    };

    private IEnumerable<Finding> Untold(IReadOnlyList<RowSecurityCell> cells, RowSecuritySubject subject, RowRelation relation)
    {
        foreach (var group in cells
            .Where(cell => cell.Outcome is FindingOutcome.Manual or FindingOutcome.NotPermitted or FindingOutcome.Unknown)
            .GroupBy(cell => (cell.Outcome, cell.Reason, Tried: cell.Access is not null)))
        {
            var commands = string.Join(", ", group.Select(cell => cell.Command));
            var what = group.Key.Tried ? string.Join(", ", group.Select(cell => $"{cell.Command} {cell}")) : commands;
            yield return Finding(
                group.Key.Tried ? "DBRLS-NOT-EXPECTED" : "DBRLS-NOT-TRIED",
                !withWrites && commands.IndexOf("Select", StringComparison.Ordinal) < 0 ? FindingSeverity.Info : FindingSeverity.Low,
                relation.Quoted,
                $"{what} on {relation.Quoted} as {subject.Name} cannot be judged: {group.Key.Reason ?? "too many rows to count"}.") with
            {
                Outcome = group.Key.Outcome,
                Recommendation = group.Key.Outcome == FindingOutcome.NotPermitted ? "Run it as a role that sees every row: the owner, where row security is not forced, or one with BYPASSRLS." : group.Key.Tried ? "Say what is right in a file of expectations: -Generate writes one to begin with." : "See the reason; look at the policies where it cannot be tried.",
                Evidence = new Dictionary<string, object?> { ["Subject"] = subject.Name, ["Role"] = subject.Role, ["Commands"] = commands, ["Reason"] = group.Key.Reason },
            };
        }
    }

    private static Dictionary<string, object?> Evidence(RowSecurityCell cell, RowSecuritySubject subject, RowRelation relation) => new()
    {
        ["Subject"] = subject.Name,
        ["Role"] = subject.Role,
        ["Command"] = cell.Command.ToString(),
        ["Access"] = cell.Access.ToString(),
        ["Rows"] = cell.Rows,
        ["Total"] = cell.Total,
        ["IsCapped"] = cell.IsCapped,
        ["Expected"] = cell.Expected,
        ["RowSecurity"] = relation.HasRowSecurity,
    };

    private Finding Finding(string id, FindingSeverity severity, string about, string message) => new()
    {
        Id = id,
        Area = "Security",
        Severity = severity,
        Subject = about,
        Message = message,
        Mappings = Mappings,
        Target = target.Name,
        Database = database,
        CollectedAt = now,
    };
}
