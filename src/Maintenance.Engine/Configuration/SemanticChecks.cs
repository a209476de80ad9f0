using Maintenance.Engine.Alerts;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Repair;
using Maintenance.Engine.Retention;
using Maintenance.Engine.Rotation;
using Maintenance.Engine.Scheduling;
using Maintenance.Engine.Security.Access;
using Maintenance.Engine.Security.Azure;
using Maintenance.Engine.Security.Ledger;
using Maintenance.Engine.Thresholds;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Configuration;

/// <summary>What a schema cannot say about a configuration: parts that contradict each other or name what does not exist.</summary>
internal static class SemanticChecks
{
    private const int TransactionPoolerPort = 6543;

    /// <summary>Checks a file whose structure is right.</summary>
    /// <param name="source">Where its parts stand.</param>
    /// <param name="root">Its tree.</param>
    /// <param name="targets">Its targets.</param>
    public static IEnumerable<ConfigurationProblem> Check(JsonSource source, JObject root, IReadOnlyDictionary<string, PartialTarget> targets)
    {
        if (root["defaultTarget"] is { } defaultTarget && !targets.ContainsKey((string)defaultTarget!))
        {
            yield return source.ProblemAt(defaultTarget, $"\"defaultTarget\" names no target of this file. Its targets are: {string.Join(", ", targets.Keys)}.");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in ((JObject)root["targets"]!).Properties())
        {
            if (!seen.Add(property.Name))
            {
                yield return source.ProblemAt(property, "Another target has this name but for upper and lower case, which make no difference in PowerShell.");
            }

            var checker = new TargetChecker(source, property.Value, targets[property.Name]);
            foreach (var problem in checker.Check())
            {
                yield return problem;
            }
        }
    }

    private sealed class TargetChecker(JsonSource source, JToken json, PartialTarget target)
    {
        private const string NoZone = "\"timeZone\" names no IANA time zone that this machine knows. Use a name such as Europe/Berlin, or UTC.";

        public IEnumerable<ConfigurationProblem> Check() =>
        [
            .. Database(),
            .. Store("backupStore", target.BackupStore),
            .. Store("artifactStore", target.ArtifactStore),
            .. Store("archiveStore", target.ArchiveStore),
            .. Store("walArchive", target.WalArchive),
            .. Store("auditStore", target.AuditStore),
            .. Thresholds(),
            .. Alerts(),
            .. Repair(),
            .. Schedule(),
            .. Retention(),
            .. LogRotation(),
            .. Recovery(),
            .. Windows(),
            .. Backups(),
            .. History(),
            .. Security(),
            .. Accepted(),
            .. Positive("database.connectTimeout", target.Database?.ConnectTimeout),
            .. Positive("backupStore.maximumAge", target.BackupStore?.MaximumAge),
            .. Positive("walArchive.maximumAge", target.WalArchive?.MaximumAge),
            .. Positive("backups.keep.within", target.Backups?.Keep?.Within),
            .. Positive("analytics.subjectRequests.term", target.Analytics?.SubjectRequests.Term),
            .. Positive("security.apiKeyMaximumAge", target.Security?.ApiKeyMaximumAge),
            .. Positive("security.inactiveAfter", target.Security?.InactiveAfter),
            .. Positive("performance.slowQuery", target.Performance?.SlowQuery),
            .. Positive("performance.baselineWindow", target.Performance?.BaselineWindow),
            .. Positive("capacity.projection", target.Capacity?.Projection),
            .. Samples(),
            .. Positive("repair.coolDown", target.Repair?.CoolDown),
            .. Positive("repair.idleSession", target.Repair?.IdleSession),
            .. Positive("repair.idleInTransaction", target.Repair?.IdleInTransaction),
            .. Positive("repair.functionDeployment.timeout", target.Repair?.FunctionDeployment?.Timeout),
            .. Positive("recovery.timeObjective", target.Recovery?.TimeObjective),
            .. Positive("recovery.pointObjective", target.Recovery?.PointObjective),
        ];

        private IEnumerable<ConfigurationProblem> Database()
        {
            if (target.Database?.Port == TransactionPoolerPort)
            {
                yield return source.ProblemAt(
                    json.SelectToken("database.port")!,
                    "6543 is Supabase's transaction pooler, through which maintenance cannot run. The database itself is on port 5432.",
                    isWarning: true);
            }

            if (target.Database?.ConnectionString is not null)
            {
                var replaced = ((JObject)json["database"]!).Properties().Select(property => property.Name).Except(["connectionString", "connectTimeout"]).ToList();
                if (replaced.Count > 0)
                {
                    yield return source.ProblemAt(
                        json.SelectToken("database.connectionString")!,
                        $"\"connectionString\" replaces the other settings, but there are also: {string.Join(", ", replaced)}. Keep one or the other.");
                }
            }
        }

        private IEnumerable<ConfigurationProblem> Accepted()
        {
            for (var index = 0; index < (target.Security?.Accepted.Count ?? 0); index++)
            {
                if (target.Security!.Accepted[index].Id is var id && !AcceptedIds.CanExist(id))
                {
                    var meant = Suggestion.For(id, AcceptedIds.Listed) is { } name ? $" Did you mean \"{name}\"?" : "";
                    yield return source.ProblemAt(json.SelectToken($"security.accepted[{index}].id")!, $"\"{id}\" accepts nothing: no check of the security audit has such an id.{meant}", isWarning: true);
                }
            }
        }

        private IEnumerable<ConfigurationProblem> Store(string name, PartialStore? store)
        {
            if (store?.Path is null)
            {
                yield break;
            }

            var azure = ((JObject)json[name]!).Properties().Select(property => property.Name).Except(["path", "prefix", "maximumAge"]).ToList();
            if (azure.Count > 0)
            {
                yield return source.ProblemAt(
                    json[name]!["path"]!,
                    $"A store is either a folder or a container of Azure Blob Storage, but besides \"path\" there are: {string.Join(", ", azure)}.");
            }
        }

        private IEnumerable<ConfigurationProblem> Thresholds()
        {
            foreach (var property in (json["thresholds"] as JObject)?.Properties() ?? [])
            {
                if (ThresholdCatalogue.Find(property.Name) is not { } known)
                {
                    yield return source.ProblemAt(
                        property,
                        $"\"{property.Name}\" is no metric with limits. {Suggestion.Sentence(property.Name, [.. ThresholdCatalogue.All.Select(threshold => threshold.Metric)])}");
                    continue;
                }

                var change = target.Thresholds![property.Name];
                var (warning, critical) = (change.Warning ?? known.Warning, change.Critical ?? known.Critical);
                if (known.Direction == ThresholdDirection.Above ? warning > critical : warning < critical)
                {
                    yield return source.ProblemAt(
                        property.Value,
                        FormattableString.Invariant(
                            $"The limits stand the wrong way round: this metric is bad {(known.Direction == ThresholdDirection.Above ? "above" : "below")} its limits, and would be critical ({critical}) before it warns ({warning})."));
                }
            }
        }

        private IEnumerable<ConfigurationProblem> Alerts()
        {
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < (target.Alerts?.Rules.Count ?? 0); i++)
            {
                var rule = target.Alerts!.Rules[i];
                var part = json["alerts"]!["rules"]![i]!;
                if (!seen.Add(rule.Name))
                {
                    yield return source.ProblemAt(part["name"] ?? part, "Another rule of this target has this name.");
                }

                foreach (var (setting, text) in AlertRules.Check(rule, BuiltInRules.All.FirstOrDefault(known => known.Name.Equals(rule.Name, StringComparison.OrdinalIgnoreCase))))
                {
                    yield return source.ProblemAt(part[setting] ?? part, Sentence(text));
                }
            }

            if (target.Alerts is { } alerts && json["alerts"]?["escalationChannel"] is { } channel && NotificationChannels.Mistake(alerts.EscalationChannel) is { } mistake)
            {
                yield return source.ProblemAt(channel, mistake);
            }

            foreach (var (name, longest) in target.Alerts?.Expected ?? new Dictionary<string, TimeSpan>())
            {
                if (!MaintenanceMatrix.IsTask(name))
                {
                    yield return source.ProblemAt(json["alerts"]!["expected"]![name]!, $"\"{name}\" is no task: it would be missed for ever. {Suggestion.Sentence(name, [.. MaintenanceMatrix.Tasks])}");
                }

                if (longest == TimeSpan.Zero)
                {
                    yield return source.ProblemAt(json["alerts"]!["expected"]![name]!, "This duration must be longer than nothing.");
                }
            }
        }

        private IEnumerable<ConfigurationProblem> Schedule()
        {
            if (target.Schedule is not { } schedule)
            {
                yield break;
            }

            if (!Recurrence.IsZone(schedule.TimeZone))
            {
                yield return source.ProblemAt(json["schedule"]!["timeZone"]!, NoZone);
            }

            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var (task, settings) in schedule.Tasks)
            {
                var part = json["schedule"]!["tasks"]![task]!;
                if (!seen.Add(task))
                {
                    yield return source.ProblemAt(part, "This task is there twice: names of tasks are the same in upper and lower case.");
                }

                if (!MaintenanceMatrix.IsTask(task))
                {
                    yield return source.ProblemAt(part, $"There is no task \"{task}\". {Suggestion.Sentence(task, [.. MaintenanceMatrix.Tasks])}");
                }
                else if (settings.Cron is null && MaintenanceMatrix.Find(task) is null)
                {
                    yield return source.ProblemAt(part, "This task has no place in the maintenance matrix: say when it runs (\"cron\").");
                }

                if (settings.TimeZone is { } zone && !Recurrence.IsZone(zone))
                {
                    yield return source.ProblemAt(part["timeZone"]!, NoZone);
                }

                if (settings.Cron is { } cron && Recurrence.Mistake(cron, "UTC") is { } mistake)
                {
                    yield return source.ProblemAt(part["cron"]!, $"{mistake} The fields are minute, hour, day of month, month and day of week.");
                }

                if (settings.Approval is not null && MaintenanceMatrix.Find(task) is not { Automation: not AutomationLevel.Full } && MaintenanceMatrix.IsTask(task))
                {
                    yield return source.ProblemAt(part["approval"]!, $"{task} runs without anybody's approval.", isWarning: true);
                }

                foreach (var problem in Positive($"schedule.tasks.{task}.timeout", settings.Timeout))
                {
                    yield return problem;
                }
            }
        }

        private IEnumerable<ConfigurationProblem> Repair()
        {
            if (target.Repair?.Settle > RepairSettings.LongestSettle)
            {
                yield return source.ProblemAt(json.SelectToken("repair.settle")!, $"This duration is at most {RepairSettings.LongestSettle.TotalMinutes} minutes: a run waits that long for each remedy.");
            }

            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < (target.Repair?.Remedies.Count ?? 0); i++)
            {
                var remedy = target.Repair!.Remedies[i];
                if (!seen.Add(remedy.Name))
                {
                    yield return source.ProblemAt(json.SelectToken($"repair.remedies[{i}].name")!, "Another remedy of this target has this name.");
                }

                foreach (var (index, placeholder) in RepairSettings.UnknownPlaceholders(remedy))
                {
                    yield return source.ProblemAt(
                        json.SelectToken($"repair.remedies[{i}].arguments[{index}]")!, $"Nothing is put in for {placeholder}. Known are {{subject}}, {{target}} and {{database}}.", isWarning: true);
                }

                foreach (var problem in Positive($"repair.remedies[{i}].timeout", remedy.Timeout))
                {
                    yield return problem;
                }
            }
        }

        private IEnumerable<ConfigurationProblem> Retention()
        {
            for (var i = 0; i < (target.Retention?.Count ?? 0); i++)
            {
                var policy = target.Retention![i];
                var part = json["retention"]![i]!;
                foreach (var mistake in RetentionRules.Check(policy, target.ArchiveStore is not null))
                {
                    yield return source.ProblemAt(part[mistake.Setting] ?? part, mistake.Message);
                }
            }
        }

        private IEnumerable<ConfigurationProblem> LogRotation()
        {
            for (var i = 0; i < (target.LogRotation?.Count ?? 0); i++)
            {
                var (rule, part) = (target.LogRotation![i], json["logRotation"]![i]!);
                foreach (var (setting, message) in LogRotationRules.Problems(rule))
                {
                    yield return source.ProblemAt((setting is null ? null : part[setting]) ?? part, message);
                }

                if (rule is { Source: LogSource.Store, TierAfter: not null } && target.ArtifactStore?.Path is not null)
                {
                    yield return source.ProblemAt(part["tierAfter"]!, "The artefact store of this target is a folder, and files in a folder have no tiers. Remove \"tierAfter\".");
                }
            }
        }

        // Reports tell them apart by their names.
        private IEnumerable<ConfigurationProblem> Recovery()
        {
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < (target.Recovery?.Assertions.Count ?? 0); i++)
            {
                if (!seen.Add(target.Recovery!.Assertions[i].Name))
                {
                    yield return source.ProblemAt(json.SelectToken($"recovery.assertions[{i}].name")!, "Another assertion has this name.");
                }
            }
        }

        private IEnumerable<ConfigurationProblem> Windows()
        {
            for (var i = 0; i < (target.Windows?.Count ?? 0); i++)
            {
                var window = target.Windows![i];
                if (!Recurrence.IsZone(window.TimeZone))
                {
                    yield return source.ProblemAt(json["windows"]![i]!["timeZone"]!, NoZone);
                }

                foreach (var problem in Positive($"windows[{i}].duration", window.Duration))
                {
                    yield return problem;
                }
            }
        }

        private IEnumerable<ConfigurationProblem> Backups() => target.Backups?.NamePattern is { } pattern
            ? NamePattern.Mistakes(pattern).Select(mistake => source.ProblemAt(json.SelectToken("backups.namePattern")!, $"\"namePattern\" is wrong. {mistake}"))
            : [];

        private IEnumerable<ConfigurationProblem> History()
        {
            if (target.History is { Path: not null, Kind: not HistoryKind.Sqlite })
            {
                yield return source.ProblemAt(json["history"]!["path"]!, "\"path\" is for a history in SQLite only.");
            }
        }

        // What the cmdlets would refuse.
        // Samples become coarser as they grow old, never finer, and what they are put together of has to be whole.
        private IEnumerable<ConfigurationProblem> Samples()
        {
            if (target.Performance is not { } performance)
            {
                yield break;
            }

            if (performance.KeepRawSamples < TimeSpan.FromDays(1))
            {
                yield return source.ProblemAt(json.SelectToken("performance.keepRawSamples")!, "Five-minute samples are kept for at least a day (1d): a day's figures are made of them.");
            }

            if (performance.KeepHourlySamples < performance.KeepRawSamples)
            {
                yield return source.ProblemAt(json.SelectToken("performance.keepHourlySamples") ?? json.SelectToken("performance")!, "Hourly samples are kept at least as long as five-minute samples.");
            }

            if (performance.KeepDailySamples < performance.KeepHourlySamples)
            {
                yield return source.ProblemAt(json.SelectToken("performance.keepDailySamples") ?? json.SelectToken("performance")!, "Daily samples are kept at least as long as hourly samples.");
            }
        }

        private IEnumerable<ConfigurationProblem> Security()
        {
            if (target.Security?.Azure?.Endpoint is { } endpoint && !AzureScope.IsSafe(endpoint))
            {
                yield return source.ProblemAt(json.SelectToken("security.azure.endpoint")!, "An identity is never sent in the clear. Use https.");
            }

            if (target.Security?.InactiveAfter > AccessReviewService.MaximumInactiveAfter)
            {
                yield return source.ProblemAt(json.SelectToken("security.inactiveAfter")!, $"This duration is at most {AccessReviewService.MaximumInactiveAfter.Days} days.");
            }
        }

        private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

        private IEnumerable<ConfigurationProblem> Positive(string path, TimeSpan? duration)
        {
            if (duration == TimeSpan.Zero)
            {
                yield return source.ProblemAt(json.SelectToken(path)!, "This duration must be longer than nothing.");
            }
        }
    }
}
