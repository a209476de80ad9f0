namespace Maintenance.Engine.Security.PersonalData;

/// <summary>Tells of each table what was found in it and what is wrong with that. Pure.</summary>
internal sealed class PersonalDataJudge(MaintenanceTarget target, PersonalDataScene scene)
{
    private static readonly PersonalDataCategory[] Grave = [PersonalDataCategory.SpecialCategory, PersonalDataCategory.Credential];

    /// <summary>One record for each column that holds personal data; one without a column for a table that could not be looked into.</summary>
    public IReadOnlyList<DbPersonalData> Table(PersonalRelation relation, TableSample sample)
    {
        var columns = scene.Columns[relation.Oid].ToList();
        var people = PersonalDataNames.IsAboutPeople(relation.Name) || relation.Oid == scene.SubjectOid;
        var found = columns
            .Select(column => (Column: column, Class: PersonalDataClassifier.Classify(column, people, sample.Columns.GetValueOrDefault(column.Number))))
            .Where(pair => pair.Class is not null)
            .Select(pair => Record(relation, pair.Column, pair.Class!, sample))
            .ToList();
        var sure = found.Where(record => record.Confidence > PersonalDataConfidence.Low).ToList();
        List<Finding> ofTable = [.. Told(relation, sure, columns), .. Retention(relation, sure), .. Reachable(relation, sure)];
        List<Finding> unsure = [.. Unsure(relation, [.. found.Except(sure)])];
        List<DbPersonalData> records =
        [
            .. found.Select(record => record with
            {
                Findings = record.Confidence == PersonalDataConfidence.Low ? unsure : [.. OfColumn(relation, record, columns.First(column => column.Name == record.Column), sample), .. ofTable],
            }),
        ];
        // A column that is known by its name says itself that its values are not.
        var silent = columns.Where(column => sample.Unread.ContainsKey(column.Number) && (sample.IsMissing || !found.Exists(record => record.Column == column.Name))).ToList();
        if (!sample.IsSkipped && (sample.IsMissing || silent.Count > 0))
        {
            records.Add(Blind(relation, columns, silent, sample));
        }

        return records;
    }

    /// <summary>What can be said of a check as a whole, once every table was looked at: one finding for each check of which no table failed.</summary>
    /// <param name="records">What was found.</param>
    public IEnumerable<Finding> Whole(IReadOnlyList<DbPersonalData> records)
    {
        var findings = records.SelectMany(record => record.Findings).DistinctBy(finding => finding.Fingerprint).ToList();
        var blind = records.Where(record => record.Column is null).ToList();
        var tables = scene.Relations.Count;
        // What only says where to look, or what was not looked at, is one finding for all tables.
        string[] many = [PersonalDataChecks.Sampled.Id, PersonalDataChecks.Unsure.Id];
        foreach (var finding in findings.Where(finding => !many.Contains(finding.Id)))
        {
            yield return finding;
        }

        foreach (var group in findings.Where(finding => many.Contains(finding.Id)).GroupBy(finding => (finding.Id, finding.Outcome)))
        {
            var check = PersonalDataChecks.All.First(check => check.Id == group.Key.Id);
            yield return group.Count() == 1 ? group.First() : Make(
                check, group.Key.Outcome, null,
                check == PersonalDataChecks.Sampled ? $"{group.Count()} of {tables} tables could not be looked into, or not wholly." : $"{group.Count()} tables have columns that may hold personal data.") with
            {
                Severity = group.Max(finding => finding.Severity),
                Evidence = new Dictionary<string, object?> { ["Tables"] = string.Join(", ", group.OrderByDescending(finding => finding.Severity).Select(finding => finding.Subject).Take(50)) },
                FixSql = string.Join('\n', group.Select(finding => finding.FixSql).OfType<string>().Distinct(StringComparer.Ordinal)) is { Length: > 0 } fix ? fix : null,
            };
        }

        foreach (var check in PersonalDataChecks.All)
        {
            if (check == PersonalDataChecks.Unreachable && scene.Routes is null)
            {
                yield return Make(check, FindingOutcome.Unknown, null, $"{check.Title}: not checked, because nobody said which table has the people, and there is no auth.users.") with
                {
                    Recommendation = "Set security.subjectTable in maintenance.json, or use -SubjectTable.",
                };
            }
            else if (check != PersonalDataChecks.Sampled && blind.Count > 0)
            {
                if (check != PersonalDataChecks.Exposed || blind.Exists(record => record.IsExposed != false))
                {
                    yield return Make(check, FindingOutcome.Unknown, null, $"{check.Title}: not known of {blind.Count} tables that could not be looked into, or not wholly.") with { Recommendation = "See PII-NOT-SAMPLED." };
                    continue;
                }
            }

            if (!findings.Exists(finding => finding.Id == check.Id) && !(check == PersonalDataChecks.Unreachable && scene.Routes is null))
            {
                yield return Make(check, FindingOutcome.Pass, null, $"{check.Title}.") with
                {
                    Evidence = new Dictionary<string, object?> { ["Tables"] = tables, ["Columns"] = records.Count(record => record.Column is not null) },
                };
            }
        }
    }

    private DbPersonalData Record(PersonalRelation relation, PersonalColumn column, Classification found, TableSample table)
    {
        var sample = table.Columns.GetValueOrDefault(column.Number);
        var exposed = scene.Exposure.Of(relation.Oid, column);
        var route = scene.Routes?.GetValueOrDefault(relation.Oid);
        return Base(relation) with
        {
            Column = column.Name,
            DataType = column.DataType,
            Category = found.Category,
            Contains = found.Contains,
            Confidence = found.Confidence,
            Evidence = found.Evidence,
            SampledRows = sample?.Rows,
            SampledValues = sample?.Values,
            ValidShare = found.ValidShare,
            Reason = Reason(column, sample, table),
            IsExposed = exposed.IsExposed,
            MaybeExposedThrough = [.. exposed.Functions.Select(Signature)],
            ExposedTo = exposed.Roles,
            ExposedThrough = exposed.Through,
            IsGuardedByPolicy = exposed.IsGuarded,
            RetentionPolicy = Policies(relation).FirstOrDefault(policy => Covers(policy, column.Name)),
            IsReachable = scene.Routes is null ? null : route is not null,
            SubjectPath = route?.Path,
            IsDeletedWithSubject = route?.IsDeleted ?? false,
        };
    }

    private static string? Reason(PersonalColumn column, ColumnSample? sample, TableSample table)
    {
        if (sample is null or { Values: 0 })
        {
            return table.Unread.GetValueOrDefault(column.Number) ?? table.Reason
                ?? (sample is not null ? $"The sample has no {(sample.Rows == 0 ? "rows" : "values")}: only its name was looked at."
                    : column.CanBeSampled ? "It was not looked into." : "Nothing validates values of its type.");
        }

        var cut = sample.Cut == 0 ? null : FormattableString.Invariant($"Of {sample.Cut} of its values only the beginning was looked at, or nothing, since they are too long.");
        return string.Join(" ", new[] { table.Reason, cut }.OfType<string>()) is { Length: > 0 } reason ? reason : null;
    }

    private DbPersonalData Base(PersonalRelation relation) => new()
    {
        Target = target.Name,
        Database = scene.Database,
        Schema = relation.Schema,
        Name = relation.Name,
        Oid = relation.Oid,
        QualifiedName = relation.Quoted,
        CollectedAt = scene.Now,
    };

    private DbPersonalData Blind(PersonalRelation relation, List<PersonalColumn> columns, List<PersonalColumn> silent, TableSample sample)
    {
        var outcome = sample.Grant is not null || relation.HidesRows ? FindingOutcome.NotPermitted : FindingOutcome.Unknown;
        var reason = string.Join(" ", new[] { sample.Reason }.OfType<string>()
            .Concat(silent.GroupBy(column => sample.Unread[column.Number]).Select(group => $"{string.Join(", ", group.Select(column => column.Quoted))}: {group.Key}")));
        return Base(relation) with
        {
            Reason = reason,
            IsExposed = scene.Exposure.Any(relation.Oid, columns),
            Findings =
            [
                Make(PersonalDataChecks.Sampled, outcome, relation.Quoted, $"{relation.Quoted} {(sample.Columns.Count > 0 ? "was looked into in part only" : "could not be looked into")}: {reason}") with
                {
                    Evidence = silent.Count == 0 ? new Dictionary<string, object?>() : new Dictionary<string, object?> { ["Columns"] = string.Join(", ", silent.Select(column => column.Quoted)) },
                    FixSql = sample.Grant,
                    Recommendation = outcome == FindingOutcome.NotPermitted ? PersonalDataChecks.Sampled.Recommendation
                        : sample.IsPassing ? "Search again when it is free, with more time (-TimeoutSeconds), or with fewer rows (-SampleRows)."
                        : "Searching again changes nothing: look at these columns yourself. If one holds personal data, say so in its comment (COMMENT ON COLUMN ... IS 'personal data'); else accept the finding.",
                },
            ],
        };
    }

    private IEnumerable<Finding> OfColumn(PersonalRelation relation, DbPersonalData record, PersonalColumn column, TableSample table)
    {
        var subject = $"{relation.Quoted}.{column.Quoted}";
        var grave = record.Contains.Any(Grave.Contains);
        if (record.IsExposed == true)
        {
            yield return Make(PersonalDataChecks.Exposed, FindingOutcome.Fail, subject, $"{string.Join(", ", record.ExposedTo)} can read {subject}, which holds personal data ({record.Category}).") with
            {
                Severity = grave ? FindingSeverity.Critical : FindingSeverity.High,
                Evidence = new Dictionary<string, object?>(Evidence(record)) { ["Roles"] = string.Join(", ", record.ExposedTo), ["Through"] = string.Join(", ", record.ExposedThrough) },
                FixSql = scene.Exposure.Of(relation.Oid, column).FixSql,
                Mappings = record.Contains.Contains(PersonalDataCategory.SpecialCategory)
                    ? [.. PersonalDataChecks.Exposed.Mappings, new FindingMapping("GDPR", "Art. 9"), new FindingMapping("GDPR", "Art. 35(3)(b)")]
                    : PersonalDataChecks.Exposed.Mappings,
            };
        }

        var sample = table.Columns.GetValueOrDefault(column.Number);
        var cards = record.Evidence.Where(item => item is { Category: PersonalDataCategory.PaymentCard, Source: PersonalDataSource.Value, Matched: > 0 }).ToList();
        if (cards.Count > 0)
        {
            yield return Make(PersonalDataChecks.Unprotected, FindingOutcome.Fail, subject, $"{subject} has numbers of payment cards in clear text.") with
            {
                Evidence = Evidence(record),
                Mappings = [.. PersonalDataChecks.Unprotected.Mappings, new FindingMapping("PCI DSS 4", "3.5.1")],
            };
        }
        else if (record.Category is PersonalDataCategory.Credential or PersonalDataCategory.PaymentCard)
        {
            if (sample is null or { Values: 0 })
            {
                yield return Make(PersonalDataChecks.Unprotected, FindingOutcome.Unknown, subject, $"Whether {subject} ({record.Category}) is in clear text is not known: {record.Reason}") with { Evidence = Evidence(record) };
            }
            else if (record.Category == PersonalDataCategory.Credential && column.Kind is not 'j' && sample.Digest * 2 < sample.Values)
            {
                yield return Make(PersonalDataChecks.Unprotected, FindingOutcome.Fail, subject, $"{subject} seems to have credentials in clear text: most are in no form of a hash or a ciphertext.") with
                {
                    Evidence = new Dictionary<string, object?>(Evidence(record)) { ["HashShare"] = Math.Round((double)sample.Digest / sample.Values, 4) },
                };
            }
        }
    }

    private IEnumerable<Finding> Unsure(PersonalRelation relation, List<DbPersonalData> low)
    {
        if (low.Count > 0)
        {
            var exposed = low.Where(record => record.IsExposed == true).ToList();
            yield return Make(
                PersonalDataChecks.Unsure, FindingOutcome.Manual, relation.Quoted,
                $"{relation.Quoted} may hold personal data: {Names(low)}{(exposed.Count > 0 ? $"; {string.Join(", ", exposed[0].ExposedTo)} can read {Names(exposed)}" : "")}.") with
            {
                Severity = exposed.Count > 0 ? FindingSeverity.Medium : FindingSeverity.Low,
                Evidence = new Dictionary<string, object?> { ["Columns"] = string.Join("; ", low.Select(record => $"{record.Column} ({string.Join("; ", record.Evidence)})")) },
            };
        }
    }

    // What a function that reads as its owner gives away, nobody knows who does not read it.
    private IEnumerable<Finding> Told(PersonalRelation relation, List<DbPersonalData> sure, List<PersonalColumn> columns)
    {
        var maybe = sure.Where(record => record.IsExposed is null).ToList();
        var functions = columns.Where(column => maybe.Exists(record => record.Column == column.Name)).SelectMany(column => scene.Exposure.Of(relation.Oid, column).Functions)
            .DistinctBy(function => function.Oid).OrderBy(function => function.Quoted, StringComparer.Ordinal).ToList();
        if (functions.Count > 0)
        {
            var (roles, names) = (string.Join(", ", scene.Exposure.Callers(functions)), string.Join(", ", functions.Select(Signature)));
            yield return Make(
                PersonalDataChecks.Exposed, FindingOutcome.Manual, relation.Quoted,
                $"{roles} can call {names}, which {(functions.Count == 1 ? "reads as its owner and names" : "read as their owners and name")} {relation.Quoted} or a view of it: whether that shows them {Names(maybe)} is not known.") with
            {
                Severity = maybe.Exists(record => record.Contains.Any(Grave.Contains)) ? FindingSeverity.High : FindingSeverity.Medium,
                Evidence = new Dictionary<string, object?> { ["Columns"] = Names(maybe), ["Functions"] = names, ["Roles"] = roles },
                Recommendation = "Look at what the functions return, and whether they check who asks. If it is more than the caller may see, revoke EXECUTE, or let them run as the caller (SECURITY INVOKER); else accept the finding.",
                FixSql = string.Join(" ", functions.Select(scene.Exposure.Fix)),
            };
        }
    }

    // "FUNCTION public.f(integer)" without its first word.
    private static string Signature(FunctionFacts function) => function.Quoted[(function.Quoted.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private IEnumerable<Finding> Retention(PersonalRelation relation, List<DbPersonalData> sure)
    {
        var uncovered = sure.Where(record => record.RetentionPolicy is null).ToList();
        if (uncovered.Count > 0)
        {
            var others = Policies(relation).ToList();
            var goes = uncovered[0].IsDeletedWithSubject;
            yield return Make(
                PersonalDataChecks.Retention, FindingOutcome.Fail, relation.Quoted,
                $"No retention policy ends the time of personal data in {relation.Quoted}: {Names(uncovered)}{(goes ? "; they go when the person is deleted" : "")}{(others.Count > 0 ? "; its policy leaves these columns as they are" : "")}.") with
            {
                // What goes with the account is kept as long as the account is.
                Severity = goes ? FindingSeverity.Low : FindingSeverity.Medium,
                Evidence = new Dictionary<string, object?> { ["Columns"] = Names(uncovered) },
            };
        }
    }

    private IEnumerable<Finding> Reachable(PersonalRelation relation, List<DbPersonalData> sure)
    {
        if (scene.Routes is not null && sure.Count > 0 && !scene.Routes.ContainsKey(relation.Oid))
        {
            yield return Make(
                PersonalDataChecks.Unreachable, FindingOutcome.Fail, relation.Quoted,
                $"No foreign key leads from {scene.Subject} to {relation.Quoted}: an erasure that follows them misses {Names(sure)}.") with
            {
                Severity = sure.Exists(record => record.Contains.Any(Grave.Contains)) ? FindingSeverity.High : FindingSeverity.Medium,
                Evidence = new Dictionary<string, object?> { ["Columns"] = Names(sure), ["From"] = scene.Subject },
            };
        }
    }

    private IEnumerable<RetentionPolicy> Policies(PersonalRelation relation) => target.Retention.Where(policy =>
    {
        try
        {
            var reference = new DbObjectReference(policy.Table);
            return reference.Name == relation.Name && (reference.Schema ?? "public") == relation.Schema;
        }
        catch (ArgumentException)
        {
            return false;
        }
    });

    private static bool Covers(RetentionPolicy policy, string column) => policy.Action != RetentionAction.Anonymise || policy.Anonymise.ContainsKey(column);

    private Finding Make(PersonalDataCheck check, FindingOutcome outcome, string? subject, string message) => new()
    {
        Id = check.Id,
        Area = SecurityAuditor.Area,
        Severity = check.Severity,
        Outcome = outcome,
        Subject = subject,
        Message = message,
        Recommendation = check.Recommendation,
        Mappings = check.Mappings,
        Target = target.Name,
        Database = scene.Database,
        CollectedAt = scene.Now,
    };

    private static Dictionary<string, object?> Evidence(DbPersonalData record) => new()
    {
        ["Category"] = record.Category.ToString(),
        ["Confidence"] = record.Confidence.ToString(),
        ["KnownBy"] = string.Join("; ", record.Evidence),
        ["SampledRows"] = record.SampledRows,
    };

    private static string Names(IEnumerable<DbPersonalData> records) => string.Join(", ", records.Select(record => record.Column));
}
