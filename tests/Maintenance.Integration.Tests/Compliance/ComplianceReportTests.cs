using Maintenance.Engine;
using Maintenance.Engine.Compliance;
using Maintenance.Engine.Security.Audit;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Compliance;

/// <summary>Reports over real tables, friendly and hostile.</summary>
public sealed class ComplianceReportTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task The_samples_faults_are_found_and_counted_as_SQL_counts_them(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var direct = await SandboxDatabase.OpenAsync(sandbox);
        var overdue = await direct.ScalarAsync<long>("SELECT count(*) FROM data_subject_requests WHERE request_type IN ('access', 'erasure') AND completed_at IS NULL AND due_at <= now()");
        var missing = await direct.ScalarAsync<long>("SELECT count(*) FROM auth.users u WHERE NOT EXISTS (SELECT FROM user_consents c WHERE c.user_id = u.id AND consent_type = 'data_processing' AND granted)");
        var processed = await direct.ScalarAsync<long>("SELECT sum(processed_records)::bigint FROM gdpr_audit_log WHERE created_at > now() - interval '30 days' AND created_at <= now()");

        var findings = await new CompliancePart(_engine.Compliance).CollectAsync(DatabaseOf(sandbox), Calls.Silent(), Token);
        var report = await ReportAsync(DatabaseOf(sandbox));

        Assert.Equal(overdue, report.OverdueRequests);
        Assert.Equal(missing, Assert.Single(findings, finding => finding.Id == "GDPR-CONSENT-MISSING").Evidence["Missing"]);
        Assert.Equal(processed, report.ProcessingActivities.Sum(activity => activity.ProcessedRecords));
        Assert.Equal(4m, Assert.Single(findings, finding => finding.Id == "GDPR-AUDIT-SEQUENCE").Evidence["Missing"]);
        Assert.Equal(FindingOutcome.Pass, Assert.Single(findings, finding => finding.Id == "GDPR-AUDIT-ORDER").Outcome);
        Assert.Equal(
            ComplianceCheck.All.Select(check => check.Id).Except(["GDPR-SCORES-DISAGREE", "GDPR-FUNCTION-SCORE-LOW"]).Order(StringComparer.Ordinal),
            findings.Select(finding => finding.Id).Distinct().Order(StringComparer.Ordinal));
        Assert.All(findings, finding => Assert.Equal(("Security", sandbox.Database), (finding.Area, finding.Database)));
        // No personal data: nothing that has the form of an address or an account's key.
        Assert.All(findings, finding => Assert.DoesNotMatch("@|[0-9a-f]{8}-[0-9a-f]{4}", $"{finding.Subject}{finding.Message}{string.Join(' ', finding.Evidence.Values)}"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Hostile_names_a_term_computed_from_receipt_and_kinds_in_other_letters(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"gdpr_hostile_{major}";
        await CreateAsync(sandbox, database, """
            CREATE SCHEMA "s""; DROP {table} '";
            CREATE TABLE "s""; DROP {table} '"."{due} -- <b>" ("{type}" varchar, "a""received" timestamp, "com'pleted" timestamptz);
            INSERT INTO "s""; DROP {table} '"."{due} -- <b>" VALUES
                ('Access', now() AT TIME ZONE 'UTC' - interval '40 days', NULL),                          -- open, ten days late
                ('access', now() AT TIME ZONE 'UTC' - interval '35 days', now() - interval '10 days'),    -- in time
                ('access', now() AT TIME ZONE 'UTC' - interval '45 days', now() - interval '5 days'),     -- late
                ('access', now() AT TIME ZONE 'UTC' - interval '25 days', NULL),                          -- due within the week
                ('access', now() AT TIME ZONE 'UTC' - interval '50 days', 'infinity'),                    -- never answered
                ('erasure', now() AT TIME ZONE 'UTC' - interval '1 day', NULL)
            """);
        var target = DatabaseOf(sandbox).As(database: database) with
        {
            Analytics = new AnalyticsSettings
            {
                SubjectRequests = new SubjectRequestSettings { Table = """
                    "s""; DROP {table} '"."{due} -- <b>"
                    """, Type = "{type}", Received = "a\"received", Completed = "com'pleted" },
            },
        };

        var report = await ReportAsync(target);

        var overdue = Assert.Single(report.Findings, finding => finding.Id == "GDPR-ACCESS-OVERDUE");
        Assert.Equal((FindingOutcome.Fail, 3L, 2L, 1L, "Receipt and term"), (overdue.Outcome, overdue.Evidence["Open"], overdue.Evidence["Overdue"], overdue.Evidence["DueWithinWeek"], overdue.Evidence["DueFrom"]));
        Assert.Equal(25, report.AccessRequestPercent);
        Assert.Null(report.DeletionPercent);
        // The other tables are not there: the score is unknown, and so is the report.
        Assert.Equal((null, 25d, HealthStatus.Critical), (report.Score, report.CoveragePercent, report.Status));
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(report.Findings, finding => finding.Id == "GDPR-CONSENT-MISSING").Outcome);
        Assert.DoesNotContain(report.Metrics, metric => metric.Name == "gdpr_deletion_percent");
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Gaps_missing_numbers_and_entries_written_later_are_found(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"gdpr_log_{major}";
        await CreateAsync(sandbox, database, """
            CREATE TABLE gdpr_audit_log (id int, created_at timestamptz, activity_type text) PARTITION BY RANGE (created_at);
            CREATE TABLE p1 PARTITION OF gdpr_audit_log DEFAULT;
            -- One entry in the middle of each day but for three days that follow each other, numbered in their order.
            INSERT INTO gdpr_audit_log SELECT 100 - day, now() - day * interval '1 day' - interval '12 hours', 'mail to person@example.com' FROM generate_series(0, 40) AS day WHERE day NOT IN (10, 11, 12);
            -- Two that were written later, one of a time to come.
            INSERT INTO gdpr_audit_log VALUES (101, now() - interval '20 days', 'x'), (102, now() + interval '2 days', 'x'), (103, now() - interval '1 minute', 'x')
            """);

        var report = await ReportAsync(DatabaseOf(sandbox).As(database: database));

        Assert.Equal(90, report.AuditPercent!.Value, 9);
        var gap = Assert.Single(report.Findings, finding => finding.Id == "GDPR-AUDIT-GAP");
        Assert.Equal((3, TimeSpan.FromDays(4)), (gap.Evidence["DaysWithoutEntry"], gap.Evidence["LargestGap"]));
        Assert.Equal((3m, 1L), (Evidence("GDPR-AUDIT-SEQUENCE", "Missing"), Evidence("GDPR-AUDIT-SEQUENCE", "Holes")));
        Assert.Equal((2L, 1L), (Evidence("GDPR-AUDIT-ORDER", "WrittenLater"), Evidence("GDPR-AUDIT-ORDER", "InFuture")));
        // Without a column of counts entries are counted, and kinds are shown without addresses.
        Assert.Contains(report.ProcessingActivities, activity => activity is { ActivityType: "mail to <email>", ProcessedRecords: 27 });

        object? Evidence(string id, string key) => Assert.Single(report.Findings, finding => finding.Id == id).Evidence[key];
    }

    [Fact]
    public async Task A_log_whose_keys_are_no_numbers_is_for_a_person_and_an_empty_one_is_a_gap_of_30_days()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await CreateAsync(sandbox, "gdpr_uuid", "CREATE TABLE gdpr_audit_log (id uuid, created_at timestamptz)");

        var report = await ReportAsync(DatabaseOf(sandbox).As(database: "gdpr_uuid"));

        Assert.Equal(0, report.AuditPercent);
        Assert.Equal(TimeSpan.FromDays(30), Assert.Single(report.Findings, finding => finding.Id == "GDPR-AUDIT-GAP").Evidence["LargestGap"]);
        Assert.Equal(FindingOutcome.Manual, Assert.Single(report.Findings, finding => finding.Id == "GDPR-AUDIT-SEQUENCE").Outcome);
        Assert.Empty(report.ProcessingActivities);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Of_several_decisions_the_newest_counts_if_there_is_a_time_and_otherwise_nobody_knows(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"gdpr_consents_{major}";
        await CreateAsync(sandbox, database, """
            CREATE SCHEMA auth;
            CREATE TABLE auth.users (id uuid PRIMARY KEY);
            CREATE TABLE user_consents (user_id text, consent_type text, granted boolean, at timestamptz);
            INSERT INTO auth.users SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid FROM generate_series(1, 4) AS n;
            INSERT INTO user_consents
            SELECT id::text, 'data_processing', true, now() - interval '2 days' FROM auth.users WHERE id::text !~ '4$'
            UNION ALL SELECT '00000000-0000-4000-8000-000000000001', 'data_processing', false, now() - interval '1 day'
            UNION ALL SELECT '00000000-0000-4000-8000-000000000002', 'data_processing', false, now() - interval '3 days'
            UNION ALL SELECT '00000000-0000-4000-8000-000000000003', 'marketing', false, now()
            """);
        var target = DatabaseOf(sandbox).As(database: database);

        var newest = await ReportAsync(target with { Analytics = new AnalyticsSettings { Consents = new ConsentSettings { Time = "at" } } });
        var unknown = await ReportAsync(target);

        Assert.Equal(50, newest.ConsentPercent);
        Assert.Null(unknown.ConsentPercent);
        var finding = Assert.Single(unknown.Findings, finding => finding.Id == "GDPR-CONSENT-MISSING");
        Assert.Equal((FindingOutcome.Unknown, 2L), (finding.Outcome, finding.Evidence["Contradictory"]));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Rows_past_their_age_are_counted_without_those_that_are_held_or_anonymised(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"gdpr_retention_{major}";
        await CreateAsync(sandbox, database, """
            CREATE TABLE kept ("at" date, held boolean);
            INSERT INTO kept SELECT current_date - n, n > 50 FROM generate_series(0, 59) AS n;
            CREATE TABLE "Anon" (at timestamptz, email text) PARTITION BY RANGE (at);
            CREATE TABLE anon_p PARTITION OF "Anon" DEFAULT;
            INSERT INTO "Anon" VALUES (now() - interval '90 days', '[redacted]'), (now() - interval '90 days', NULL), (now() - interval '90 days', 'x'), ('-infinity', 'x'), (NULL, 'x');
            CREATE TABLE young (at timestamp);
            INSERT INTO young VALUES (now() AT TIME ZONE 'UTC' - interval '33 days');
            CREATE TABLE many (at timestamptz);
            INSERT INTO many SELECT now() - interval '99 days' FROM generate_series(1, 100005);
            CREATE TABLE wrong (at text)
            """);
        RetentionPolicy Of(string table) => new() { Table = table, TimeColumn = "at", Age = TimeSpan.FromDays(30) };
        var target = DatabaseOf(sandbox).As(database: database) with
        {
            Retention =
            [
                Of("kept") with { LegalHold = "held" },
                Of("Anon") with { Action = RetentionAction.Anonymise, Anonymise = new Dictionary<string, AnonymiseMethod> { ["email"] = AnonymiseMethod.Redact } },
                Of("young") with { Action = RetentionAction.ArchiveToTable, Destination = "nowhere" },
                Of("many"),
            ],
        };

        var report = await ReportAsync(target);
        var broken = await ReportAsync(target with { Retention = [Of("young"), Of("wrong"), Of("gone"), Of("young") with { LegalHold = "true) OR (true" }] });

        Assert.Equal(25, report.RetentionPercent);
        Assert.Equal(
            [("public.\"Anon\"", 1L, false), ("public.kept", 13L, false), ("public.many", 100_000L, true)],
            report.Findings.Where(finding => finding is { Id: "GDPR-RETENTION-OVERDUE", Outcome: FindingOutcome.Fail }).Select(finding => (finding.Subject!, (long)finding.Evidence["Rows"]!, (bool)finding.Evidence["IsLowerBound"]!)));
        Assert.Null(broken.RetentionPercent);
        Assert.Equal(3, broken.Findings.Count(finding => finding is { Id: "GDPR-RETENTION-OVERDUE", Outcome: FindingOutcome.Unknown }));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_role_without_rights_is_told_the_grants_and_a_view_that_hides_rows_is_seen_through(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var (database, role) = ($"gdpr_rights_{major}", $"gdpr_reader_{major}");
        await CreateAsync(sandbox, database, "CREATE TABLE log (id int, at timestamptz); INSERT INTO log SELECT n, now() - n * interval '6 hours' FROM generate_series(1, 200) AS n");
        await SandboxDatabase.ExecuteAsync(sandbox, $"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'");
        try
        {
            var target = DatabaseOf(sandbox).As(user: role, database: database) with { Analytics = new AnalyticsSettings { AuditLog = new AuditLogSettings { Table = "log", Time = "at" } } };

            var denied = Gap(await ReportAsync(target));
            Assert.Equal((FindingOutcome.NotPermitted, $"GRANT SELECT ON public.log TO {role};"), (denied.Outcome, denied.FixSql));
            await SandboxDatabase.ExecuteAsync(sandbox, denied.FixSql!, database);
            Assert.Equal(FindingOutcome.Pass, Gap(await ReportAsync(target)).Outcome);

            // A view whose reader row security stops; on a table that hides nothing from its owner.
            await SandboxDatabase.ExecuteAsync(sandbox, $"""
                ALTER TABLE log ENABLE ROW LEVEL SECURITY;
                CREATE VIEW inner_view WITH (security_invoker) AS SELECT * FROM log;
                CREATE VIEW through AS SELECT * FROM inner_view;
                ALTER VIEW through OWNER TO {role};
                GRANT SELECT ON inner_view TO {role}
                """, database);
            Assert.Equal(FindingOutcome.NotPermitted, Gap(await ReportAsync(target)).Outcome);
            var viewed = target with { Analytics = new AnalyticsSettings { AuditLog = new AuditLogSettings { Table = "through", Time = "at" } } };
            var hidden = Gap(await ReportAsync(viewed));
            Assert.Equal(FindingOutcome.NotPermitted, hidden.Outcome);
            Assert.Contains("public.log", hidden.Message, StringComparison.Ordinal);
            await SandboxDatabase.ExecuteAsync(sandbox, hidden.FixSql!, database);
            Assert.Equal(FindingOutcome.Pass, Gap(await ReportAsync(viewed)).Outcome);
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE {database} WITH (FORCE)");
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP ROLE {role}");
        }

        static Finding Gap(ComplianceReport report) => Assert.Single(report.Findings, finding => finding.Id == "GDPR-AUDIT-GAP");
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Requests_under_other_names_of_their_kind_count_and_unknown_kinds_make_nothing_green(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"gdpr_kinds_{major}";
        await CreateAsync(sandbox, database, """
            CREATE TABLE data_subject_requests (request_type text, received_at timestamptz, due_at timestamptz, completed_at timestamptz);
            INSERT INTO data_subject_requests VALUES
                (' Erasure ', NULL, now() - interval '5 days', now() - interval '6 days'),
                (E'erasure\t', NULL, now() - interval '5 days', NULL),
                ('deletion', NULL, now() - interval '5 days', NULL),
                ('Right to be forgotten', NULL, now() - interval '5 days', NULL),
                ('portability', NULL, now() - interval '5 days', NULL)
            """);
        var target = DatabaseOf(sandbox).As(database: database);

        var known = await ReportAsync(target);
        Assert.Equal((3L, 25d), (known.OverdueRequests, known.DeletionPercent));
        Assert.Equal(FindingOutcome.Pass, Assert.Single(known.Findings, finding => finding.Id == "GDPR-ACCESS-OVERDUE").Outcome);

        await SandboxDatabase.ExecuteAsync(sandbox, """
            INSERT INTO data_subject_requests VALUES
                ('wipe', NULL, now() - interval '5 days', NULL), ('for a.person@example.com', NULL, now() + interval '5 days', NULL), (NULL, NULL, now() - interval '5 days', now()),
                ('long ago', NULL, now() - interval '90 days', now() - interval '95 days')
            """, database);
        var strange = await ReportAsync(target);
        Assert.Equal((null, null), (strange.AccessRequestPercent, strange.DeletionPercent));
        var finding = Assert.Single(strange.Findings, finding => finding.Id == "GDPR-ACCESS-OVERDUE");
        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains("3 requests", finding.Message, StringComparison.Ordinal);
        Assert.Contains("3 in all (wipe)", finding.Message, StringComparison.Ordinal);

        await SandboxDatabase.ExecuteAsync(sandbox, "DELETE FROM data_subject_requests WHERE request_type IS NULL OR request_type ~ '@'", database);
        var told = await ReportAsync(target with { Analytics = new AnalyticsSettings { SubjectRequests = new SubjectRequestSettings { OtherTypes = ["Wipe"] } } });
        Assert.Equal(25, told.DeletionPercent);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Requests_without_any_time_are_unknown_answered_ones_too(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"gdpr_undated_{major}";
        await CreateAsync(sandbox, database, """
            CREATE TABLE data_subject_requests (request_type text, received_at timestamptz, due_at timestamptz, completed_at timestamptz);
            INSERT INTO data_subject_requests VALUES
                ('access', NULL, NULL, now() - interval '1 day'), ('access', NULL, now() - interval '1 day', '-infinity'), ('erasure', NULL, NULL, now() - interval '90 days')
            """);

        var report = await ReportAsync(DatabaseOf(sandbox).As(database: database));

        Assert.Null(report.AccessRequestPercent);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(report.Findings, finding => finding.Id == "GDPR-ACCESS-LATE").Outcome);
        Assert.Equal(FindingOutcome.Fail, Assert.Single(report.Findings, finding => finding.Id == "GDPR-ACCESS-OVERDUE").Outcome);
        Assert.Equal(FindingOutcome.Pass, Assert.Single(report.Findings, finding => finding.Id == "GDPR-DELETION-LATE").Outcome);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task The_newest_entry_of_the_log_may_be_the_one_that_was_dated_back_or_ahead(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"gdpr_order_{major}";
        await CreateAsync(sandbox, database, """
            CREATE TABLE gdpr_audit_log (id int, created_at timestamptz);
            INSERT INTO gdpr_audit_log SELECT 100 - n, now() - n * interval '12 hours' FROM generate_series(0, 80) AS n
            """);
        var target = DatabaseOf(sandbox).As(database: database);
        Assert.Equal(FindingOutcome.Pass, Order(await ReportAsync(target)).Outcome);

        await SandboxDatabase.ExecuteAsync(sandbox, "INSERT INTO gdpr_audit_log VALUES (101, now() - interval '90 days')", database);
        Assert.Equal((FindingOutcome.Fail, 1L, 0L), Faults(Order(await ReportAsync(target))));
        await SandboxDatabase.ExecuteAsync(sandbox, "UPDATE gdpr_audit_log SET created_at = now() + interval '20 minutes' WHERE id = 101", database);
        Assert.Equal((FindingOutcome.Fail, 0L, 1L), Faults(Order(await ReportAsync(target))));
        await SandboxDatabase.ExecuteAsync(sandbox, "UPDATE gdpr_audit_log SET created_at = 'infinity' WHERE id = 101; INSERT INTO gdpr_audit_log VALUES (102, '-infinity'), (103, now())", database);
        Assert.Equal((FindingOutcome.Fail, 1L, 1L), Faults(Order(await ReportAsync(target))));

        static Finding Order(ComplianceReport report) => Assert.Single(report.Findings, finding => finding.Id == "GDPR-AUDIT-ORDER");
        static (FindingOutcome, long, long) Faults(Finding finding) => (finding.Outcome, (long)finding.Evidence["WrittenLater"]!, (long)finding.Evidence["InFuture"]!);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_consent_that_was_withdrawn_or_has_run_out_is_none(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"gdpr_withdrawn_{major}";
        await CreateAsync(sandbox, database, """
            CREATE SCHEMA auth;
            CREATE TABLE auth.users (id int PRIMARY KEY);
            INSERT INTO auth.users SELECT generate_series(1, 4);
            CREATE TABLE user_consents (user_id int, consent_type text, granted boolean, at timestamptz, withdrawn_at timestamptz, expires_at timestamp, ended date);
            INSERT INTO user_consents VALUES
                (1, 'data_processing', true, now(), NULL, NULL, NULL),
                (2, 'data_processing', true, now(), now() - interval '1 hour', NULL, NULL),
                (3, 'data_processing', true, now(), NULL, now() AT TIME ZONE 'UTC' - interval '1 hour', NULL),
                (4, 'data_processing', true, now() - interval '2 days', now() - interval '1 day', NULL, NULL),
                (4, 'data_processing', true, now(), now() + interval '1 day', 'infinity', NULL)
            """);
        var target = DatabaseOf(sandbox).As(database: database);

        Assert.Equal(50, (await ReportAsync(target)).ConsentPercent);
        Assert.Equal(50, (await ReportAsync(With(new ConsentSettings { Time = "at" }))).ConsentPercent);
        // A column that was named must be there, and one that is there must tell a time.
        Assert.Null((await ReportAsync(With(new ConsentSettings { Withdrawn = "nowhere" }))).ConsentPercent);
        await SandboxDatabase.ExecuteAsync(sandbox, "ALTER TABLE user_consents DROP COLUMN expires_at; ALTER TABLE user_consents RENAME COLUMN ended TO expires_at", database);
        Assert.Null((await ReportAsync(target)).ConsentPercent);
        await SandboxDatabase.ExecuteAsync(sandbox, "ALTER TABLE user_consents DROP COLUMN expires_at, DROP COLUMN withdrawn_at", database);
        Assert.Equal(100, (await ReportAsync(target)).ConsentPercent);

        MaintenanceTarget With(ConsentSettings consents) => target with { Analytics = new AnalyticsSettings { Consents = consents } };
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task All_that_a_role_lacks_is_told_at_once_and_granting_it_helps(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var (database, role) = ($"gdpr_grants_{major}", $"gdpr_grantee_{major}");
        await CreateAsync(sandbox, database, """
            CREATE SCHEMA auth;
            CREATE TABLE auth.users (id int PRIMARY KEY);
            CREATE TABLE user_consents (user_id int, consent_type text, granted boolean);
            CREATE TABLE logs (at timestamptz);
            CREATE TABLE shut (at timestamptz);
            INSERT INTO logs VALUES (now());
            ALTER TABLE auth.users ENABLE ROW LEVEL SECURITY;
            ALTER TABLE user_consents ENABLE ROW LEVEL SECURITY;
            ALTER TABLE logs ENABLE ROW LEVEL SECURITY;
            ALTER TABLE shut ENABLE ROW LEVEL SECURITY;
            CREATE POLICY never ON shut AS RESTRICTIVE USING (false)
            """);
        await SandboxDatabase.ExecuteAsync(sandbox, $"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'");
        try
        {
            var target = DatabaseOf(sandbox).As(user: role, database: database) with
            {
                Retention = [new() { Table = "logs", TimeColumn = "at", Age = TimeSpan.FromDays(30) }, new() { Table = "shut", TimeColumn = "at", Age = TimeSpan.FromDays(30) }],
            };

            var before = await ReportAsync(target);
            var consents = Assert.Single(before.Findings, finding => finding.Id == "GDPR-CONSENT-MISSING");
            Assert.Equal(FindingOutcome.NotPermitted, consents.Outcome);
            Assert.Contains("The role", consents.Message, StringComparison.Ordinal);
            Assert.Contains("auth.users", consents.FixSql!, StringComparison.Ordinal);
            var retention = before.Findings.Where(finding => finding.Id == "GDPR-RETENTION-OVERDUE").ToList();
            Assert.Equal(["public.logs", "public.shut"], retention.Select(finding => finding.Subject));
            Assert.All(retention, finding => Assert.Equal(FindingOutcome.NotPermitted, finding.Outcome));
            Assert.EndsWith($"ALTER ROLE {role} BYPASSRLS;", retention[1].FixSql, StringComparison.Ordinal);

            // Each once, and a policy without a condition is enough where nothing restricts it.
            await SandboxDatabase.ExecuteAsync(sandbox, $"{consents.FixSql} {retention[0].FixSql}", database);
            var after = await ReportAsync(target);
            Assert.Equal(FindingOutcome.Pass, Assert.Single(after.Findings, finding => finding.Id == "GDPR-CONSENT-MISSING").Outcome);
            Assert.Equal("public.shut", Assert.Single(after.Findings, finding => finding.Id == "GDPR-RETENTION-OVERDUE").Subject);
            await SandboxDatabase.ExecuteAsync(sandbox, retention[1].FixSql!, database);
            Assert.Equal(FindingOutcome.Pass, Assert.Single((await ReportAsync(target)).Findings, finding => finding.Id == "GDPR-RETENTION-OVERDUE").Outcome);
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE {database} WITH (FORCE)");
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_part_that_is_slow_is_unknown_and_leaves_the_others_their_time()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await CreateAsync(sandbox, "gdpr_slow", """
            CREATE FUNCTION slow() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN now(); END $$;
            CREATE VIEW data_subject_requests AS SELECT 'access'::text AS request_type, slow() AS due_at, now() AS completed_at;
            CREATE TABLE gdpr_audit_log (id int, created_at timestamptz)
            """);

        var report = await _engine.Compliance.ReportAsync(
            DatabaseOf(sandbox).As(database: "gdpr_slow"), ComplianceReportType.Quick, MeasurementSourceChoice.Auto, Calls.Silent(TimeSpan.FromSeconds(6)), Token);

        Assert.Equal(FindingOutcome.Unknown, Assert.Single(report.Findings, finding => finding.Id == "GDPR-ACCESS-LATE").Outcome);
        Assert.Equal(0, report.AuditPercent);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_an_error_where_it_is_the_only_source()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => ReportAsync(DatabaseOf(sandbox).As(database: "gdpr_nowhere")));
        Assert.Equal(MaintenanceErrorCode.DatabaseNotFound, error.Code);
    }

    private Task<ComplianceReport> ReportAsync(MaintenanceTarget target) =>
        _engine.Compliance.ReportAsync(target, ComplianceReportType.Monthly, MeasurementSourceChoice.Auto, Calls.Silent(), Token);

    private static MaintenanceTarget DatabaseOf(MaintenanceSandbox sandbox) =>
        sandbox.Target with { Functions = null, Analytics = new AnalyticsSettings(), History = new HistorySettings { Kind = HistoryKind.None } };

    private static async Task CreateAsync(MaintenanceSandbox sandbox, string database, string sql)
    {
        await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        await SandboxDatabase.CreateAsync(sandbox, database);
        await SandboxDatabase.ExecuteAsync(sandbox, sql, database);
    }
}
