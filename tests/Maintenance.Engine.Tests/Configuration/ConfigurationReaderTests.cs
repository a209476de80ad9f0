using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class ConfigurationReaderTests
{
    private const string Marker = "mArKeR-7f3a";

    [Theory]
    [InlineData("", 1, 1, "$", "an object in braces is expected")]
    [InlineData("  \n ", 2, 2, "$", "an object in braces is expected")]
    [InlineData("targets", 1, 2, "$", "an object in braces is expected")]
    [InlineData("{", 1, 2, "$", "ends before everything that was opened is closed")]
    [InlineData("{ targets: {} }", 1, 3, "$", "a name in double quotes and a colon")]
    [InlineData("{\n  \"targets\": {\n    \"a\": { \"database\": { \"port\": } }\n  }\n}", 3, 34, "$.targets.a.database.port", "a value is expected after the name")]
    [InlineData("{\n  \"targets\": {\n    \"a\": { \"history\": {} \"functions\": {} }\n  }\n}", 3, 26, "$.targets.a", "a comma and the next name")]
    [InlineData("{ \"targets\": { \"a\": { \"excludedComponents\": [ \"Backups\" \"Database\" ] } } }", 1, 57, "$.targets.a.excludedComponents", "a comma and the next value")]
    [InlineData("{ \"targets\": { \"a\": {} } } }", 1, 28, "$", "nothing may follow")]
    [InlineData("{ \"targets\": { \"a\": {} }", 1, 25, "$", "ends before everything that was opened is closed")]
    [InlineData("{ 'targets': {} }", 1, 3, "$", "a name in double quotes")]
    public async Task Malformed_json_is_named_by_line_column_and_path(string text, int line, int column, string path, string message)
    {
        var problem = Assert.Single(await ProblemsAsync(text));
        Assert.Equal((line, column, path), (problem.Line, problem.Column, problem.JsonPath));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.False(problem.IsWarning);
    }

    [Fact]
    public async Task Columns_count_characters_and_not_bytes()
    {
        var problem = Assert.Single(await ProblemsAsync("{ \"targets\": { \"a\": { /* äöü */ \"functionz\": {} } } }"));
        Assert.Equal(33, problem.Column);
    }

    [Theory]
    [InlineData("""{ "password": mArKeR-7f3a }""")]
    [InlineData("""{ "password": "mArKeR-7f3a }""")]
    [InlineData("""{ "password": "mArKeR-7f3a\q" }""")]
    [InlineData("""{ "password": tmArKeR-7f3a" }""")]
    [InlineData("""{ "password": 12mArKeR-7f3a }""")]
    [InlineData("""{ "password": "mArKeR-7f3a" "mArKeR-7f3a" }""")]
    [InlineData("""{ "password": "mArKeR-7f3a\ud800" }""")]
    public async Task Malformed_json_never_quotes_what_is_there(string database)
    {
        var problems = await ProblemsAsync($$"""{ "targets": { "a": { "database": {{database}} } } }""");
        Assert.NotEmpty(problems);
        Assert.DoesNotContain(problems, problem => problem.ToString().Contains(Marker, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Comments_and_trailing_commas_are_accepted()
    {
        var file = await ReadAsync("""
            {
              // one system
              "targets": { "a": { "excludedComponents": ["Functions",], /* none */ }, },
            }
            """);
        Assert.Empty(file.Problems);
        Assert.Equal(["Functions"], file.Targets["a"].ExcludedComponents);
    }

    [Fact]
    public async Task What_a_schema_cannot_say_is_told_together_with_what_does_not_fit_it()
    {
        var problems = await ProblemsAsync("""
            { "defaultTarget": "b", "targets": {
              "a": {
                "database": { "port": "5432" },
                "thresholds": { "error_rate": { "warning": 9, "critical": 5 }, "cache_hit_percent": { "warning": "x", "critical": 99.9 } },
                "alerts": {
                  "repeat": 3,
                  "escalationChannel": "a b",
                  "rules": [
                    { "metric": "error_rate" },
                    { "name": "mine", "metric": "no_such_metric", "operator": "GreaterThan", "threshold": 1, "severity": "Warning", "message": "m" },
                    { "name": "half", "metric": "error_rate", "operator": "GreaterThan", "threshold": "1" }
                  ],
                  "expected": { "Dailly": "25h" }
                }
              },
              "b": 3 } }
            """);

        Assert.Equal(
            [
                "$.targets.a.database.port", "$.targets.a.thresholds.error_rate", "$.targets.a.thresholds.cache_hit_percent.warning", "$.targets.a.alerts.repeat", "$.targets.a.alerts.escalationChannel",
                "$.targets.a.alerts.rules[0]", "$.targets.a.alerts.rules[1].metric", "$.targets.a.alerts.rules[2].threshold", "$.targets.a.alerts.expected.Dailly", "$.targets.b",
            ],
            problems.Select(problem => problem.JsonPath));
    }

    [Fact]
    public async Task What_is_wrong_is_not_missing_for_whoever_needs_it() => Assert.Equal(
        ["$.targets.a.archiveStore"],
        (await ProblemsAsync("""{ "targets": { "a": { "archiveStore": 3, "retention": [{ "table": "public.t", "timeColumn": "at", "age": "30d", "action": "ArchiveToBlob" }] } } }"""))
            .Select(problem => problem.JsonPath));

    [Fact]
    public async Task A_name_that_occurs_twice_is_a_problem_at_its_second_place()
    {
        var problem = Assert.Single(await ProblemsAsync("""
            { "targets": { "a": {
              "database": { "port": 5432,
                            "port": 5433 } } } }
            """));
        Assert.Equal((3, 17, "$.targets.a.database.port"), (problem.Line, problem.Column, problem.JsonPath));
        Assert.Contains("twice", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("database.port", "\"5432\"", "\"port\" must be a whole number, not text.")]
    [InlineData("database.port", "5432.5", "\"port\" must be a whole number, not a number with a fraction.")]
    [InlineData("database.port", "null", "\"port\" must be a whole number, not null.")]
    [InlineData("database.port", "0", "\"port\" must be at least 1.")]
    [InlineData("database.port", "65536", "\"port\" must be at most 65535.")]
    [InlineData("database.port", "99999999999999999999", "\"port\" must be")]
    [InlineData("database.host", "5", "\"host\" must be a host name")]
    [InlineData("database.host", "\"postgres://u:p@h/d\"", "A connection string is a secret")]
    [InlineData("database.database", "\"\"", "\"database\" must not be empty.")]
    [InlineData("database.username", "true", "\"username\" must be text in double quotes, not true or false.")]
    [InlineData("database.sslMode", "\"verify-full\"", "must be one of Disable, Prefer, Require, VerifyCA, VerifyFull")]
    [InlineData("database.connectTimeout", "5", "\"connectTimeout\" must be a duration")]
    [InlineData("database.connectTimeout", "\"soon\"", "\"connectTimeout\" must be a duration")]
    [InlineData("database.connectTimeout", "\"0s\"", "longer than nothing")]
    [InlineData("database.password", "\"hunter2\"", "A secret itself does not belong in a file")]
    [InlineData("database.password", "12345", "A secret itself does not belong in a file")]
    [InlineData("database.password", "{}", "A secret itself does not belong in a file")]
    [InlineData("database", "[]", "\"database\" must be an object in braces, not a list.")]
    [InlineData("functions.baseUri", "\"REF.supabase.co\"", "must be an http or https address")]
    [InlineData("functions.baseUri", "\"http://[\"", "cannot be understood")]
    [InlineData("functions.baseUri", "\"https://user:secret@host/\"", "must be an http or https address")]
    [InlineData("backupStore.serviceUri", "\"https://a.blob.core.windows.net/?sv=x&sig=y\"", "must be an http or https address")]
    [InlineData("backupStore.accountName", "\"Not_An_Account\"", "3 to 24 lower-case letters and digits")]
    [InlineData("backupStore.container", "\"Bad--Name\"", "must be the name of a container")]
    [InlineData("backupStore.maximumAge", "\"1 day\"", "\"maximumAge\" must be a duration")]
    [InlineData("channels.Default.webhook", "\"https://hooks.example.org/x\"", "A secret itself does not belong in a file")]
    [InlineData("channels.Default", "{}", "\"webhook\" is missing.")]
    [InlineData("channels.default", "{}", "Did you mean \"Default\"?")]
    [InlineData("channels.Default", "{ \"webhook\": \"env:W\", \"kind\": \"Teams\" }", "must be one of Slack, Json")]
    [InlineData("thresholds.avg_query_time", "200", "\"avg_query_time\" must be an object in braces")]
    [InlineData("thresholds.avg_query_time.warning", "\"200\"", "\"warning\" must be a number, not text.")]
    [InlineData("thresholds.avg_query_time", "{}", "must not be empty")]
    [InlineData("thresholds.avg_query_tme", "{ \"warning\": 1 }", "Did you mean \"avg_query_time\"?")]
    [InlineData("thresholds.avg_query_time", "{ \"warning\": 500, \"critical\": 200 }", "the wrong way round")]
    [InlineData("thresholds.cache_hit_percent", "{ \"warning\": 80, \"critical\": 90 }", "the wrong way round")]
    [InlineData("excludedComponents", "\"Backups\"", "must be a list in brackets, not text.")]
    [InlineData("excludedComponents", "[\"Backup\"]", "This item must be one of Database, Backups, Functions, Errors, Resources, Compliance")]
    [InlineData("excludedComponents", "[\"Backups\", \"Backups\"]", "must not hold anything twice")]
    [InlineData("retention", "[{ \"table\": \"t\", \"age\": \"30d\" }]", "\"timeColumn\" is missing.")]
    [InlineData("retention", "[{ \"table\": \"t\", \"timeColumn\": \"c\", \"age\": \"30d\", \"action\": \"ArchiveToTable\" }]", "needs a \"destination\"")]
    [InlineData("retention", "[{ \"table\": \"t\", \"timeColumn\": \"c\", \"age\": \"30d\", \"destination\": \"x\" }]", "go nowhere")]
    [InlineData("retention", "[{ \"table\": \"t\", \"timeColumn\": \"c\", \"age\": \"0d\" }]", "longer than nothing")]
    [InlineData("repair.maximumActions", "-1", "\"maximumActions\"")]
    [InlineData("repair.coolDwn", "\"6h\"", "Did you mean \"coolDown\"?")]
    [InlineData("repair.coolDown", "\"0s\"", "longer than nothing")]
    [InlineData("repair.settle", "\"1h\"", "at most 30 minutes")]
    [InlineData("repair.functionDeployment", "{ \"projectRef\": \"abc\", \"source\": \"s\" }", "\"revision\" is missing.")]
    [InlineData("repair.functionDeployment", "{ \"projectRef\": \"abc\", \"source\": \"s\", \"revision\": \"main\" }", "a branch would deploy whatever it points to")]
    [InlineData("repair.functionDeployment", "{ \"projectRef\": \"abc\", \"source\": \"s\", \"revision\": \"0123456789abcdef0123456789abcdef01234567\", \"accessToken\": \"sbp_x\" }", "A secret itself does not belong in a file")]
    [InlineData("repair.remedies", "[{ \"name\": \"a\", \"finding\": \"X; rm\", \"program\": \"p\" }]", "an id of findings")]
    [InlineData("repair.remedies", "[{ \"name\": \"a\", \"finding\": \"X\", \"program\": \"p\", \"risk\": \"None\" }]", "must be one of Low, Medium, High")]
    [InlineData("repair.remedies", "[{ \"name\": \"a\", \"finding\": \"X\", \"program\": \"p\" }, { \"name\": \"A\", \"finding\": \"Y\", \"program\": \"q\" }]", "Another remedy")]
    [InlineData("logRotation", "[{ \"deleteAfter\": \"30d\" }]", "needs a \"path\"")]
    [InlineData("logRotation", "[{ \"path\": \"/var/log/app\" }]", "The rule does nothing")]
    [InlineData("logRotation", "[{ \"path\": \"/l\", \"compressAfter\": \"30d\", \"deleteAfter\": \"30d\" }]", "deleted by then")]
    [InlineData("logRotation", "[{ \"path\": \"/l\", \"tierAfter\": \"30d\" }]", "have no tiers")]
    [InlineData("logRotation", "[{ \"source\": \"Store\", \"tier\": \"Cold\", \"deleteAfter\": \"30d\" }]", "does nothing without \"tierAfter\"")]
    [InlineData("logRotation", "[{ \"source\": \"Store\", \"prefix\": \"../other/\", \"deleteAfter\": \"30d\" }]", "without '..'")]
    [InlineData("logRotation", "[{ \"source\": \"OwnLogs\", \"path\": \"/l\", \"deleteAfter\": \"30d\" }]", "is for a folder only")]
    [InlineData("logRotation", "[{ \"path\": \"/l\", \"include\": [], \"deleteAfter\": \"30d\" }]", "at least one pattern")]
    [InlineData("logRotation", "[{ \"path\": \"/l\", \"deleteAfter\": \"0d\" }]", "longer than nothing")]
    [InlineData("logRotation", "[{ \"path\": \"/l\", \"maximumTotalSize\": \"much\" }]", "must be a size")]
    [InlineData("logRotation", "[{ \"source\": \"Store\", \"tierAfter\": \"7d\", \"tier\": \"Archive\", \"compressAfter\": \"30d\" }]", "cannot be compressed")]
    [InlineData("windows", "[{ \"start\": \"2:00\", \"duration\": \"4h\" }]", "a time of day as HH:mm")]
    [InlineData("windows", "[{ \"start\": \"24:00\", \"duration\": \"4h\" }]", "a time of day as HH:mm")]
    [InlineData("windows", "[{ \"start\": \"02:00\", \"duration\": \"4h\", \"days\": [\"Sun\"] }]", "must be one of Monday")]
    [InlineData("windows", "[{ \"start\": \"02:00\", \"duration\": \"4h\", \"timeZone\": \"Mars/Olympus\" }]", "no IANA time zone")]
    [InlineData("windows", "[{ \"start\": \"02:00\", \"duration\": \"4h\", \"timeZone\": \"W. Europe Standard Time\" }]", "no IANA time zone")]
    [InlineData("backups.namePattern", "\"{database}-{YYYYMMDD}.dump\"", "years are yyyy")]
    [InlineData("backups.namePattern", "\"{database}.dump\"", "no {yyyy}")]
    [InlineData("history.kind", "\"Oracle\"", "must be one of Sqlite, Postgres, None")]
    [InlineData("history", "{ \"kind\": \"Postgres\", \"path\": \"x\" }", "SQLite only")]
    [InlineData("databse", "{}", "Did you mean \"database\"?")]
    [InlineData("completelyElse", "{}", "Known are: database, functions")]
    [InlineData("backupStore", "{ \"path\": \"x\", \"accountName\": \"abc\", \"sasToken\": \"env:X\" }", "besides \"path\" there are: accountName, sasToken")]
    [InlineData("database", "{ \"connectionString\": \"env:X\", \"port\": 5432 }", "there are also: port")]
    public async Task What_is_wrong_is_told_in_one_sentence(string place, string value, string message)
    {
        var text = $$"""{ "targets": { "a": {{Nest(place, value)}} } }""";
        var problem = Assert.Single(await ProblemsAsync(text));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("$.targets.a.", problem.JsonPath, StringComparison.Ordinal);
        Assert.Equal(1, problem.Line);
        Assert.True(problem.Column > 1);
        Assert.False(problem.IsWarning);
    }

    [Theory]
    [InlineData("[]", "$", "must be an object in braces, not a list.")]
    [InlineData("{}", "$", "\"targets\" is missing.")]
    [InlineData("""{ "targets": {} }""", "$.targets", "must not be empty")]
    [InlineData("""{ "target": { "a": {} }, "targets": { "a": {} } }""", "$.target", "Did you mean \"targets\"?")]
    [InlineData("""{ "targets": { "a b": {} } }""", "$.targets['a b']", "cannot be a name here")]
    [InlineData("""{ "targets": { "a\u001b[31m": {} } }""", "$.targets['a\\u001b[31m']", "cannot be a name here")]
    [InlineData("""{ "defaultTarget": "b", "targets": { "a": {} } }""", "$.defaultTarget", "names no target of this file. Its targets are: a.")]
    [InlineData("""{ "targets": { "prod": {}, "PROD": {} } }""", "$.targets.PROD", "upper and lower case")]
    public async Task What_is_wrong_with_the_whole_is_told_too(string text, string path, string message)
    {
        var problem = Assert.Single(await ProblemsAsync(text));
        Assert.Equal(path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_transaction_pooler_is_a_warning_only()
    {
        var file = await ReadAsync("""{ "targets": { "a": { "database": { "port": 6543 } } } }""");
        Assert.True(Assert.Single(file.Problems).IsWarning);
        Assert.True(file.IsValid);
    }

    [Theory]
    [InlineData("24h\\n")]
    [InlineData("env:NAME\\n")]
    public async Task A_line_break_at_the_end_is_no_part_of_a_duration_or_a_reference(string value)
    {
        var place = value.StartsWith("env", StringComparison.Ordinal) ? "database.password" : "backupStore.maximumAge";
        Assert.Single(await ProblemsAsync($$"""{ "targets": { "a": {{Nest(place, $"\"{value}\"")}} } }"""));
    }

    [Fact]
    public async Task Two_missing_names_are_two_problems()
    {
        var problems = await ProblemsAsync("""{ "targets": { "a": { "retention": [{ "table": "t" }] } } }""");
        Assert.Equal(2, problems.Count);
    }

    [Fact]
    public async Task Every_problem_is_told_in_the_order_of_the_file()
    {
        var problems = await ProblemsAsync("""
            { "targets": {
                "b": { "database": { "port": "x" } },
                "a": { "history": { "kind": 5 }, "foo": 1 }
            } }
            """);
        Assert.Equal(["$.targets.b.database.port", "$.targets.a.history.kind", "$.targets.a.foo"], problems.Select(problem => problem.JsonPath));
    }

    [Theory]
    [InlineData("database.password")]
    [InlineData("database.connectionString")]
    [InlineData("database.host")]
    [InlineData("database.sslMode")]
    [InlineData("database.port")]
    [InlineData("functions.baseUri")]
    [InlineData("functions.bearerToken")]
    [InlineData("functions.apiKey")]
    [InlineData("backupStore.accountKey")]
    [InlineData("backupStore.sasToken")]
    [InlineData("backupStore.connectionString")]
    [InlineData("backupStore.serviceUri")]
    [InlineData("backupStore.accountName")]
    [InlineData("backupStore.container")]
    [InlineData("backupStore.maximumAge")]
    [InlineData("channels.Default.webhook")]
    [InlineData("history.kind")]
    public async Task No_problem_quotes_a_value(string place)
    {
        var problem = Assert.Single(await ProblemsAsync($$"""{ "targets": { "a": {{Nest(place, $"\"postgres://u:{Marker}@h?{Marker}\"")}} } }"""));
        Assert.DoesNotContain(Marker, problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_can_be_said_is_read()
    {
        var file = await ReadAsync("""
            { "$schema": "./maintenance.schema.json", "defaultTarget": "a", "targets": { "a": {
              "database": { "host": "h", "port": 1, "database": "d", "username": "u", "password": "env:P", "sslMode": "VerifyFull", "rootCertificate": "ca.crt", "connectTimeout": "7s" },
              "functions": { "baseUri": "https://h/functions/v1", "bearerToken": "env:B", "apiKey": "secret:V/K" },
              "backupStore": { "path": "backups", "maximumAge": "24:00:00" },
              "artifactStore": { "accountName": "acc", "serviceUri": "http://127.0.0.1:10000/acc", "container": "logs", "prefix": "p/", "connectionString": "env:C", "accountKey": "env:K", "sasToken": "secret:S" },
              "channels": { "Emergency": { "webhook": "env:W", "kind": "Json" } },
              "thresholds": { "avg_query_time": { "critical": 500.5 }, "compliance_score": { "warning": 99 } },
              "excludedComponents": ["Backups"],
              "retention": [ { "table": "t", "timeColumn": "c", "age": "30d", "action": "ArchiveToTable", "destination": "x" } ],
              "windows": [ { "days": ["Sunday", "Monday"], "start": "02:30", "duration": "1.02:03:04", "timeZone": "Europe/Berlin" } ],
              "history": { "kind": "Sqlite", "path": "h.db" }
            } } }
            """);
        Assert.Empty(file.Problems);
        Assert.Equal("a", file.DefaultTarget);
        var target = file.Targets["a"];
        Assert.Equal(
            new PartialDatabase
            {
                Host = "h",
                Port = 1,
                Database = "d",
                Username = "u",
                Password = Reference("env:P"),
                SslMode = DatabaseSslMode.VerifyFull,
                RootCertificate = Path.Combine(Folder, "ca.crt"),
                ConnectTimeout = TimeSpan.FromSeconds(7),
            },
            target.Database);
        Assert.Equal(
            new PartialFunctions { BaseUri = new Uri("https://h/functions/v1"), BearerToken = Reference("env:B"), ApiKey = Reference("secret:V/K") },
            target.Functions);
        Assert.Equal(new PartialStore { Path = Path.Combine(Folder, "backups"), MaximumAge = TimeSpan.FromDays(1) }, target.BackupStore);
        Assert.Equal(
            new PartialStore
            {
                AccountName = "acc",
                ServiceUri = new Uri("http://127.0.0.1:10000/acc"),
                Container = "logs",
                Prefix = "p/",
                ConnectionString = Reference("env:C"),
                AccountKey = Reference("env:K"),
                SasToken = Reference("secret:S"),
            },
            target.ArtifactStore);
        Assert.Equal(new ChannelSettings { Webhook = Reference("env:W"), Kind = "Json" }, target.Channels!["Emergency"]);
        Assert.Equal(new ThresholdOverride(null, 500.5), target.Thresholds!["avg_query_time"]);
        Assert.Equal(new ThresholdOverride(99, null), target.Thresholds["compliance_score"]);
        Assert.Equal(["Backups"], target.ExcludedComponents);
        Assert.Equal(
            new RetentionPolicy { Table = "t", TimeColumn = "c", Age = TimeSpan.FromDays(30), Action = RetentionAction.ArchiveToTable, Destination = "x" },
            Assert.Single(target.Retention!));
        var window = Assert.Single(target.Windows!);
        Assert.Equal([DayOfWeek.Sunday, DayOfWeek.Monday], window.Days);
        Assert.Equal((new TimeOnly(2, 30), new TimeSpan(1, 2, 3, 4), "Europe/Berlin"), (window.Start, window.Duration, window.TimeZone));
        Assert.Equal(new HistorySettings { Path = Path.Combine(Folder, "h.db") }, target.History);
    }

    [Fact]
    public async Task What_only_looks_like_a_placeholder_is_warned_of()
    {
        var problem = Assert.Single(await ProblemsAsync("""{ "targets": { "a": { "repair": { "remedies": [{ "name": "a", "finding": "X", "program": "p", "arguments": ["{target}", "{sbject}"] }] } } } }"""));
        Assert.True(problem.IsWarning);
        Assert.Contains("Nothing is put in for {sbject}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_said_of_repairs_is_read_and_paths_begin_at_the_file()
    {
        var file = await ReadAsync("""
            { "targets": { "a": { "repair": {
              "maximumActions": 2, "coolDown": "1h", "settle": "5s", "idleSession": "20m", "idleInTransaction": "2m",
              "functionDeployment": { "projectRef": "abc", "source": "../app", "revision": "0123456789abcdef0123456789abcdef01234567", "accessToken": "env:T", "timeout": "1m" },
              "remedies": [ { "name": "n", "finding": "DB-*", "program": "./mend.sh", "arguments": ["{target}"], "timeout": "9s", "risk": "Low" }, { "name": "m", "finding": "X", "program": "systemctl" } ]
            } } } }
            """);
        Assert.Empty(file.Problems);
        var repair = file.Targets["a"].Repair!;
        Assert.Equal((2, 1d, 5d, 20d, 2d), (repair.MaximumActions, repair.CoolDown.TotalHours, repair.Settle.TotalSeconds, repair.IdleSession.TotalMinutes, repair.IdleInTransaction.TotalMinutes));
        Assert.Equal((Path.GetFullPath(Path.Combine(Folder, "..", "app")), Reference("env:T"), 60d), (repair.FunctionDeployment!.Source, repair.FunctionDeployment.AccessToken, repair.FunctionDeployment.Timeout.TotalSeconds));
        Assert.Equal([(Path.Combine(Folder, "mend.sh"), RemedyRisk.Low, 9d), ("systemctl", RemedyRisk.High, 300d)], repair.Remedies.Select(remedy => (remedy.Program, remedy.Risk, remedy.Timeout.TotalSeconds)));
        Assert.Equal(["{target}"], repair.Remedies[0].Arguments);
    }

    [Fact]
    public async Task A_path_below_the_tilde_is_the_users_own()
    {
        var file = await ReadAsync("""{ "targets": { "a": { "backupStore": { "path": "~/backups" } } } }""");
        Assert.Equal(
            Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "/backups"), file.Targets["a"].BackupStore!.Path);
    }

    [Fact]
    public async Task Hostile_depth_is_a_problem_and_no_crash()
    {
        var problem = Assert.Single(await ProblemsAsync(new string('[', 100_000)));
        Assert.Contains("not valid JSON", problem.Message, StringComparison.Ordinal);
    }

    private static string Folder => Path.GetFullPath(Path.Combine(Path.GetTempPath(), "configuration"));

    private static SecretReference Reference(string text) =>
        SecretReference.TryParse(text, out var reference) ? reference : throw new ArgumentException("No reference.", nameof(text));

    private static string Nest(string place, string value) =>
        place.Split('.').Reverse().Aggregate(value, (inner, name) => $$"""{ "{{name}}": {{inner}} }""");

    private static Task<ConfigurationFile> ReadAsync(string text) => ConfigurationReader.ReadAsync(text, Path.Combine(Folder, "maintenance.json"));

    private static async Task<IReadOnlyList<ConfigurationProblem>> ProblemsAsync(string text) => (await ReadAsync(text)).Problems;
}
