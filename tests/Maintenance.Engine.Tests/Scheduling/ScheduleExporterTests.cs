using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using Maintenance.Engine.Scheduling;
using Maintenance.Engine.Scheduling.Export;
using YamlDotNet.RepresentationModel;

namespace Maintenance.Engine.Tests.Scheduling;

public sealed class ScheduleExporterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 34, 0, TimeSpan.Zero);

    // Names that would be something else in YAML, in expressions of pipelines, in a shell, in PowerShell, in systemd, or in a line of any of them.
    private static readonly string[] Hostile =
    [
        "a'b", "a\"b", "$(rm -rf /)", "${{ secrets.X }}", "`id`", "a\nb: c", "x\r\n* * * * * root id", "%n%i", "'; exit 0 #", "‘; exit 0 #", "-Force", "#", "a: b", "- a", "&x", "*x", "!t",
        "true", "null", "1e3", "", " ", "\u0000\u0007\u001b[2J", "\u2028\u2029\u0085", "日本語", new string('x', 300), "../../etc/x", "{}", "[", "|", "$$", "\\", "a\tb", "$false", "no",
    ];

    private static ScheduledTask Task(string task, string cron, string zone = "UTC", string target = "production") => new()
    {
        Target = target,
        Task = task,
        Frequency = "",
        Cron = cron,
        TimeZone = zone,
        Source = "Matrix",
        Limit = TimeSpan.FromMinutes(2),
        Status = HealthStatus.Ok,
        CollectedAt = Now,
    };

    private static ScheduledTask[] Matrix => [.. MaintenanceMatrix.Rows.Where(row => !row.IsComposite).Select(row => Task(row.Task, row.Cron))];

    private static ScheduleExport Export(ScheduleFormat format, params ScheduledTask[] tasks) => ScheduleExporter.Export(tasks, format, [], ["PGPASSWORD"], Now);

    private static IReadOnlyList<YamlMappingNode> Read(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return [.. yaml.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    private static string Text(YamlNode node, params string[] path) => path.Aggregate(node, (at, key) => at[key]) is YamlScalarNode { Value: { } value } ? value : throw new InvalidDataException(string.Join('/', path));

    private static IEnumerable<YamlNode> Items(YamlNode node, params string[] path) => ((YamlSequenceNode)path.Aggregate(node, (at, key) => at[key])).Children;

    [Fact]
    public void The_pipeline_starts_every_task_of_the_matrix_whether_or_not_the_repository_has_changed()
    {
        var root = Read(Export(ScheduleFormat.AzurePipelines, Matrix).Files.Single().Text).Single();
        Assert.Equal("none", Text(root, "trigger"));
        Assert.All(Items(root, "schedules"), schedule => Assert.Equal(("true", "false", "main"), (Text(schedule, "always"), Text(schedule, "batch"), Text(Items(schedule, "branches", "include").Single()))));
        Assert.Equal(Matrix.Length, Items(root, "jobs").Count());
        foreach (var job in Items(root, "jobs"))
        {
            var run = Items(job, "steps").ElementAt(1);
            Assert.Equal(("true", "$(PGPASSWORD)"), (Text(run, "inputs", "pwsh"), Text(run, "env", "PGPASSWORD")));
            Assert.DoesNotContain("PGPASSWORD", Text(run, "inputs", "script"), StringComparison.Ordinal);
            Assert.Equal("17", Text(job, "timeoutInMinutes"));
            Assert.Contains(Items(root, "schedules"), schedule => Text(job, "condition").Contains($"'{Text(schedule, "displayName")}'", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_pipeline_has_no_more_starts_a_week_than_there_are()
    {
        var export = Export(ScheduleFormat.AzurePipelines, Matrix);
        Assert.Equal(2, export.Notes.Count);
        Assert.All(export.Notes, note => Assert.Contains("every 15 min", note, StringComparison.Ordinal));
        var crons = Items(Read(export.Files[0].Text).Single(), "schedules").Select(schedule => Recurrence.Parse(Text(schedule, "cron"), "UTC")).ToList();
        Assert.InRange(crons.Sum(cron => cron.Between(Now, Now.AddDays(7)).Count()), 800, 1000);
        Assert.Contains(
            "1008 runs a week",
            Export(ScheduleFormat.AzurePipelines, Task("A", "0 * * * *"), Task("B", "1 * * * *"), Task("C", "2 * * * *"), Task("D", "3 * * * *"), Task("E", "4 * * * *"), Task("F", "5 * * * *")).Notes.Single(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_workflow_runs_on_its_schedule_and_by_hand_one_of_a_kind_at_once()
    {
        var root = Read(Export(ScheduleFormat.GitHubActions, Matrix).Files.Single().Text).Single();
        var crons = Items(root, "on", "schedule").Select(item => Text(item, "cron")).ToList();
        Assert.Contains("*/5 * * * *", crons);
        Assert.Contains("production-SecurityAudit", Items(root, "on", "workflow_dispatch", "inputs", "task", "options").Select(item => Text(item)));
        foreach (var (_, job) in (YamlMappingNode)root["jobs"])
        {
            Assert.StartsWith("maintenance-production-", Text(job, "concurrency", "group"), StringComparison.Ordinal);
            Assert.Equal("${{ secrets.PGPASSWORD }}", Text(Items(job, "steps").ElementAt(1), "env", "PGPASSWORD"));
            Assert.Contains(crons, cron => Text(job, "if").Contains($"== '{cron}'", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_CronJob_has_its_zone_runs_alone_and_may_do_nothing_it_need_not()
    {
        var jobs = Read(Export(ScheduleFormat.KubernetesCronJob, [.. Matrix, Task("Daily", "0 4 * * *", "Europe/Berlin")]).Files.Single().Text);
        Assert.Equal(Matrix.Length + 1, jobs.Count);
        Assert.Equal(("0 4 * * *", "Europe/Berlin"), (Text(jobs[^1], "spec", "schedule"), Text(jobs[^1], "spec", "timeZone")));
        foreach (var job in jobs)
        {
            Assert.Matches(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\z", Text(job, "metadata", "name"));
            Assert.Equal("Forbid", Text(job, "spec", "concurrencyPolicy"));
            var pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
            Assert.Equal(("true", "RuntimeDefault"), (Text(pod, "securityContext", "runAsNonRoot"), Text(pod, "securityContext", "seccompProfile", "type")));
            var container = Items(pod, "containers").Single();
            Assert.Equal(("false", "true", "ALL"), (Text(container, "securityContext", "allowPrivilegeEscalation"), Text(container, "securityContext", "readOnlyRootFilesystem"), Text(Items(container, "securityContext", "capabilities", "drop").Single())));
            Assert.Equal("PGPASSWORD", Text(Items(container, "env").Last(), "valueFrom", "secretKeyRef", "key"));
        }
    }

    [Theory]
    [InlineData("0 2 * * SUN#1", "Europe/Berlin", "Sun *-*-01..07 02:00:00 Europe/Berlin")]
    [InlineData("0 3 * * SUN#2", "UTC", "Sun *-*-08..14 03:00:00 UTC")]
    [InlineData("0 3 * * SUNL", "UTC", "Sun *-*~07/1 03:00:00 UTC")]
    [InlineData("0 6 * 1,4,7,10 SUN#3", "UTC", "Sun *-01,04,07,10-15..21 06:00:00 UTC")]
    [InlineData("30 1 L * *", "UTC", "*-*~01 01:30:00 UTC")]
    [InlineData("*/5 * * * *", "UTC", "*-*-* *:00,05,10,15,20,25,30,35,40,45,50,55:00 UTC")]
    [InlineData("0 1 * * MON-FRI", "Asia/Kolkata", "Mon,Tue,Wed,Thu,Fri *-*-* 01:00:00 Asia/Kolkata")]
    public void A_timer_says_the_schedule_itself(string cron, string zone, string expected) =>
        Assert.Equal(expected, SystemdCalendar.Of(Recurrence.Parse(cron, zone), Now).Events[0]);

    [Fact]
    public void A_timer_asks_whether_it_is_due_only_where_it_starts_too_often()
    {
        Assert.False(SystemdCalendar.Of(Recurrence.Parse("0 2 * * SUN#1", "UTC"), Now).AsksWhetherDue);
        Assert.False(SystemdCalendar.Of(Recurrence.Parse("0 4 * * SUNL", "Europe/Berlin"), Now).AsksWhetherDue);
        Assert.True(SystemdCalendar.Of(Recurrence.Parse("0 2 15W * *", "UTC"), Now).AsksWhetherDue);
        Assert.Equal(["*-*-* 02:30:00 Europe/Berlin", "Sun *-03-* 01:00:00 UTC"], SystemdCalendar.Of(Recurrence.Parse("30 2 * * *", "Europe/Berlin"), Now).Events);
    }

    [Theory]
    [InlineData("0 2 * * *", "Europe/Berlin", "0 0,1 * * *")]
    [InlineData("0 1 * * SUN", "Europe/Berlin", "0 0 * * 0|0 23 * * 6")]
    [InlineData("0 1 1 * *", "Europe/Berlin", "0 0 1 * *|0 23 28-31 * *")]
    [InlineData("0 22 * * FRI", "America/New_York", "0 2,3 * * 6")]
    [InlineData("0 22 31 12 *", "America/New_York", "0 2,3 1 1,12 *")]
    [InlineData("0 2 * * *", "Asia/Kolkata", "30 20 * * *")]
    [InlineData("0 * * * *", "Asia/Kolkata", "30 * * * *")]
    [InlineData("*/5 * * * *", "Europe/Berlin", "*/5 * * * *")]
    [InlineData("0 2 * * SUN#1", "UTC", "0 2 * * 0")]
    [InlineData("0 6 13 * FRI", "UTC", "0 6 * * 5|0 6 13 * *")]
    public void In_UTC_a_schedule_starts_at_all_offsets_of_the_year(string cron, string zone, string expected) =>
        Assert.Equal(expected, string.Join('|', PortableSchedule.InUtc(Recurrence.Parse(cron, zone), 1, Now).Entries));

    // The promise of every format: what starts and finds itself due is exactly what is scheduled.
    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Australia/Lord_Howe")]
    public void What_starts_and_is_due_is_what_is_scheduled(string zone)
    {
        var minute = OneOf("0", "30", "59", "5,35");
        var hour = OneOf("0", "1", "2", "3", "23", "*", "1-3", "8,20");
        var days = OneOf("* * *", "* * SUN", "* * SUN#1", "* * SUN#5", "* * SUNL", "* * MON-FRI", "1 * *", "31 * *", "L * *", "* 1,4,7,10 SUN#3", "* 3,10 *", "15 3 *", "1 * SAT", "* * FRI-MON");
        Gen.Select(minute, hour, days).Sample(
            (m, h, d) =>
            {
                var recurrence = Recurrence.Parse($"{m} {h} {d}", zone);
                AssertSame(recurrence, PortableSchedule.InUtc(recurrence, 1, Now), "UTC");
                AssertSame(recurrence, PortableSchedule.InItsZone(recurrence, Now), "zone");
            },
            iter: 20, threads: 1);
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static void AssertSame(Recurrence recurrence, PortableSchedule schedule, string what)
    {
        var until = Now.AddDays(366);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone);
        var starts = new List<DateTimeOffset>();
        DateTimeOffset? last = recurrence.Between(Now.AddDays(-400), Now).Select(time => (DateTimeOffset?)time).LastOrDefault();
        for (var time = Now.AddMinutes(1); time <= until; time = time.AddMinutes(1))
        {
            // A time that summer time leaves out never comes by; what comes twice starts twice.
            var local = schedule.TimeZone == "UTC" ? time.UtcDateTime : TimeZoneInfo.ConvertTime(time, zone).DateTime;
            if (schedule.Entries.Any(entry => entry.Covers(local)) && (!schedule.AsksWhetherDue || ScheduleService.Due(recurrence, last, time).IsDue))
            {
                starts.Add(time);
                last = time;
            }
        }

        var expected = recurrence.Between(Now, until).ToList();
        if (recurrence.Cron.Split(' ')[1] == "*")
        {
            // What comes by the hour needs no moment of its own for the hour that is left out.
            var minutes = CronFields.Of(recurrence).Entry.Minutes;
            bool IsOwn(DateTimeOffset time) => (minutes & CronEntry.Bit(TimeZoneInfo.ConvertTime(time, recurrence.Zone).Minute)) != 0;
            expected = [.. expected.Where(IsOwn)];
            starts = [.. starts.Where(IsOwn)];
        }

        Assert.True(expected.SequenceEqual(starts), $"{recurrence.Cron} {recurrence.Zone.Id} in {what}: missing {string.Join(' ', expected.Except(starts).Take(3))}, too many {string.Join(' ', starts.Except(expected).Take(3))}");
    }

    public static TheoryData<ScheduleFormat> Formats => [.. Enum.GetValues<ScheduleFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void No_name_becomes_anything_but_a_name(ScheduleFormat format)
    {
        ScheduledTask[] tasks = [.. Hostile.Select(name => Task("Daily", "0 2 * * SUN#1", "Europe/Berlin", name)), .. Hostile.Select(name => Task(name, "0 3 * * *"))];
        var files = Export(format, tasks).Files;
        Assert.All(files, file => Assert.Matches(@"\A[A-Za-z0-9.-]+\z", file.Name));
        Assert.Equal(files.Count, files.Select(file => file.Name.ToUpperInvariant()).Distinct().Count());
        foreach (var text in files.Select(file => file.Text))
        {
            Assert.DoesNotMatch(@"[^\x20-\x7e\n]", text);
            Assert.DoesNotMatch(@"\$\(rm|secrets\.X \}|; exit 0|^\* \* \* \* \* root|`id`|%n", text);
        }

        switch (format)
        {
            case ScheduleFormat.AzurePipelines:
                var jobs = Items(Read(files[0].Text).Single(), "jobs").ToList();
                Assert.Equal(tasks.Length, jobs.Select(job => Text(job, "job")).Distinct().Count());
                Assert.All(jobs, job => Assert.Matches(@"\A[A-Za-z][A-Za-z0-9_]*\z", Text(job, "job")));
                break;
            case ScheduleFormat.GitHubActions:
                Assert.Equal(tasks.Length, ((YamlMappingNode)Read(files[0].Text).Single()["jobs"]).Children.Count);
                break;
            case ScheduleFormat.KubernetesCronJob:
                var names = Read(files[0].Text).Select(job => Text(job, "metadata", "name")).ToList();
                Assert.Equal(names.Count, names.Distinct().Count());
                Assert.All(names, name => Assert.InRange(name.Length, 1, 52));
                break;
            case ScheduleFormat.Cron:
                Assert.All(files[0].Text.Split('\n').Where(line => line.Length > 0), line => Assert.Matches(@"\A(# .*|#|SHELL=/bin/sh|CRON_TZ=UTC|[0-9*,/-]+( [0-9*,/-]+){4} set -a; [^%]*exec pwsh [^'%]*'[^'%]*')\z", line));
                break;
            default:
                Assert.Equal(2 * tasks.Length, files.Count);
                break;
        }
    }

    [Fact]
    public void A_name_arrives_as_it_is()
    {
        var pipeline = new ExportedTask(Task("Daily", "0 2 * * *", target: "‘; exit 0 #"), Recurrence.Parse("0 2 * * *", "UTC")).Pipeline(true);
        var encoded = Regex.Match(pipeline, "FromBase64String\\(\"([^\"]*)\"\\)").Groups[1].Value;
        Assert.Equal("‘; exit 0 #", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(encoded)));
        Assert.EndsWith("| Invoke-MaintenanceTask Daily -WhenDue -TimeoutSeconds 120 -Confirm:$false", pipeline, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_is_named_by_what_can_be_a_variable() =>
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Assert.Throws<MaintenanceException>(() => ScheduleExporter.Export(Matrix, ScheduleFormat.AzurePipelines, [], ["A)$(B"], Now)).Code);

    [Theory]
    [InlineData("MAINTENANCE_CONFIG")]
    [InlineData("HOME")]
    [InlineData("path")]
    [InlineData("GITHUB_ENV")]
    [InlineData("LD_PRELOAD")]
    public void A_variable_that_is_taken_carries_no_secret(string name)
    {
        var error = Assert.Throws<MaintenanceException>(() => ScheduleExporter.Export(Matrix, ScheduleFormat.KubernetesCronJob, [], [name], Now));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, error.Code);
        Assert.Contains($"variable {name}:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PGPASSWORD")]
    [InlineData("GITHUB_TOKEN")]
    [InlineData("PATH_OF_KEY")]
    public void Others_do(string name) =>
        Assert.Contains(name, ScheduleExporter.Export(Matrix, ScheduleFormat.GitHubActions, [], [name], Now).Files[0].Text, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_target_that_no_file_describes_is_told_and_stands_in_the_head_of_each_file(ScheduleFormat format)
    {
        var tasks = new[] { Task("Daily", "0 2 * * *", target: "default"), Task("Weekly", "0 3 * * SUN", target: "default") };
        foreach (var (origin, words) in new[] { ("environment", "came from environment variables"), ("parameters", "came from parameters"), ("sandbox", "is a sandbox") })
        {
            var export = ScheduleExporter.Export(tasks, format, [new MaintenanceTarget { Name = "Default", Origin = origin }], null, Now);
            Assert.Contains($"'Default' {words}", Assert.Single(export.Notes), StringComparison.Ordinal);
            Assert.All(export.Files, file => Assert.Contains($"# Note: {export.Notes[0]}\n", file.Text, StringComparison.Ordinal));
        }

        Assert.Empty(ScheduleExporter.Export(tasks, format, [new MaintenanceTarget { Name = "default", Origin = Path.GetFullPath("maintenance.json") }], null, Now).Notes);
    }

    [Theory]
    [InlineData(ScheduleFormat.AzurePipelines, "*/4 6-16 * * *", "at the minutes 0, 16 and 32 of an hour")]
    [InlineData(ScheduleFormat.AzurePipelines, "*/10 * * * *", "every 20 min")]
    [InlineData(ScheduleFormat.AzurePipelines, "*/7 * * * *", "at the minutes 0, 21 and 42 of an hour")]
    [InlineData(ScheduleFormat.AzurePipelines, "* * * * *", "every 15 min")]
    [InlineData(ScheduleFormat.AzurePipelines, "0,5 * * * *", "once an hour, at minute 0")]
    [InlineData(ScheduleFormat.GitHubActions, "*/2 * * * *", "every 6 min")]
    [InlineData(ScheduleFormat.GitHubActions, "*/7 * * * *", "at the minutes 0, 7, 14, 21, 28, 35, 42 and 49 of an hour")]
    public void How_often_it_starts_is_told_as_it_is_written(ScheduleFormat format, string cron, string pace) =>
        Assert.Contains($" starts {pace} here: ", Assert.Single(Export(format, Task("A", cron)).Notes), StringComparison.Ordinal);

    [Theory]
    [InlineData(ScheduleFormat.AzurePipelines)]
    [InlineData(ScheduleFormat.GitHubActions)]
    public void What_may_take_longer_than_a_hosted_machine_gives_is_told(ScheduleFormat format)
    {
        var export = Export(format, Task("Daily", "0 2 * * *"), Task("SecurityAudit", "0 3 * * *") with { Limit = TimeSpan.FromHours(6) });
        Assert.Contains("after 360 min, and these may take longer: SecurityAudit on production.", Assert.Single(export.Notes), StringComparison.Ordinal);
        Assert.Contains($"# Note: {export.Notes[0]}\n", export.Files[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Cron_has_nothing_to_mail_where_all_is_well()
    {
        Assert.Contains("; if ($run.ExitCode) { $run }; exit", Export(ScheduleFormat.Cron, Matrix).Files[0].Text, StringComparison.Ordinal);
        Assert.Contains("; $run; exit", Export(ScheduleFormat.KubernetesCronJob, Matrix).Files[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_enabled_is_left_out() =>
        Assert.Single(Export(ScheduleFormat.Systemd, Task("A", "0 2 * * *"), Task("B", "0 3 * * *") with { Enabled = false }).Files, file => file.Name.EndsWith(".timer", StringComparison.Ordinal));

    [Fact]
    public void Secrets_are_found_wherever_a_target_has_them() => Assert.Equal(
        ["HOOK", "PGPASSWORD"],
        SecretVariables.Of(new MaintenanceTarget
        {
            Name = "x",
            Database = new DatabaseSettings { Password = SecretReference.FromEnvironment("PGPASSWORD") },
            Channels = new Dictionary<string, ChannelSettings> { ["Default"] = new() { Webhook = SecretReference.FromEnvironment("HOOK") } },
        }));

    [Fact]
    public async Task Systemd_takes_the_units_and_means_the_same_by_their_times()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "There is no systemd-analyze.");
        foreach (var (cron, zone) in new[] { ("0 2 * * SUN#1", "Europe/Berlin"), ("30 2 * * *", "Europe/Berlin"), ("0 3 * * SUNL", "America/New_York"), ("0 6 * 1,4,7,10 SUN#3", "UTC"), ("0 1 L * *", "Asia/Kolkata"), ("0 6 13 * FRI", "UTC") })
        {
            var recurrence = Recurrence.Parse(cron, zone);
            var (events, asks) = SystemdCalendar.Of(recurrence, Now);
            var starts = new SortedSet<DateTimeOffset>();
            foreach (var calendar in events)
            {
                var output = await RunAsync("systemd-analyze", "calendar", "--base-time=2026-11-20 12:34 UTC", "--iterations=400", calendar);
                starts.UnionWith(Regex.Matches(output, @"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC").Select(match => DateTimeOffset.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)));
            }

            var until = Now.AddDays(366);
            DateTimeOffset? last = recurrence.Between(Now.AddDays(-400), Now).Last();
            var due = new List<DateTimeOffset>();
            foreach (var start in starts.Where(start => start <= until && start > Now))
            {
                if (!asks || ScheduleService.Due(recurrence, last, start).IsDue)
                {
                    due.Add(start);
                    last = start;
                }
            }

            Assert.Equal(recurrence.Between(Now, until), due);
        }
    }

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_the_units()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "There is no systemd-analyze.");
        var folder = Directory.CreateTempSubdirectory("units");
        try
        {
            // The program is another one, that is there.
            foreach (var file in Export(ScheduleFormat.Systemd, [.. Matrix, .. Hostile.Select(name => Task("Daily", "0 2 * * *", target: name))]).Files)
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, file.Name), file.Text.Replace("ExecStart=pwsh", "ExecStart=/bin/sh", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            }

            var output = await RunAsync("systemd-analyze", ["verify", "--man=no", .. folder.GetFiles().Select(file => file.FullName)]);
            Assert.DoesNotContain(folder.Name, output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output + await errors;
    }
}
