using System.Text.RegularExpressions;

namespace Maintenance.ModuleTests.Output;

/// <summary>What the cmdlets give, on the screen and in files: seen by what they really gave.</summary>
public sealed partial class OutputTests(OutputSamples samples) : IClassFixture<OutputSamples>
{
    /// <summary>Types of other assemblies, which have views of their own or need none.</summary>
    private static readonly string[] Foreign = ["System.Boolean", "System.String", "System.Void", "System.IO.FileInfo"];

    /// <summary>Settings are looked at one by one, or in maintenance.json.</summary>
    private static readonly Type[] Settings = [typeof(AlertRuleSettings), typeof(ApiKeyAge), typeof(LogRotationRule), typeof(RecoveryAssertion), typeof(MaintenanceWindow)];

    /// <summary>As long as PostgreSQL lets names be.</summary>
    private const int LongestName = 63;

    /// <summary>More properties than that are no row of a table.</summary>
    private const int WidestRow = 8;

    /// <summary>What lies in them deeper than Export-Clixml goes by itself is not there any more; the rest is shown.</summary>
    private static readonly Type[] Deep = [typeof(DbWraparound), typeof(SecurityAuditReport)];

    [Fact]
    public void Every_type_that_a_cmdlet_gives_has_a_table()
    {
        var without = samples.Runspace.Invoke("""
            Get-Command -Module Maintenance -CommandType Cmdlet | ForEach-Object { $_.OutputType.Name } | Sort-Object -Unique |
                Where-Object { -not ((Get-FormatData -TypeName $_).FormatViewDefinition | Where-Object { $_.Control -is [Management.Automation.TableControl] }) }
            """).Select(name => name.ToString());
        Assert.Empty(without.Except(Foreign));
    }

    [Fact]
    public void Every_type_that_lies_within_what_a_cmdlet_gives_has_a_table()
    {
        var types = samples.ByType.Select(group => group.Key).Except(Settings).Select(type => type.FullName!).ToArray();
        // So many are found on a sandbox where nothing is wrong: a cmdlet that gave nothing would be no test.
        Assert.True(types.Length > 40, $"Only {types.Length} types were seen.");
        Nothing(samples.Runspace.Invoke(
            "$types | Where-Object { -not ((Get-FormatData -TypeName $_).FormatViewDefinition | Where-Object { $_.Control -is [Management.Automation.TableControl] }) }", ("types", types)).Select(name => name.ToString()));
    }

    [Theory]
    [InlineData("Format-Table")]
    [InlineData("Format-List")]
    [InlineData("Out-String")]
    public void Views_show_rows_that_were_kept_as_they_show_live_ones_and_never_fail(string format)
    {
        var problems = new List<string>();
        foreach (var group in samples.ByType)
        {
            var result = samples.Runspace.Run(
                $$"""
                $Error.Clear()
                $kept = $rows | ForEach-Object { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_, 2)) }
                ($rows | {{format}} | Out-String -Width 200), ($kept | {{format}} | Out-String -Width 200), (@($Error) -join ' ')
                """,
                ("rows", group.ToArray()));
            var (live, kept, errors) = (result.Output[0].ToString(), result.Output[1].ToString(), result.Output[2].ToString());
            if (errors.Length > 0)
            {
                problems.Add($"{group.Key.Name}: {errors}");
            }
            else if (string.IsNullOrWhiteSpace(live) || Line(live) != Line(kept) || (!Deep.Contains(group.Key) && !Words(live).SequenceEqual(Words(kept))))
            {
                problems.Add($"{group.Key.Name}: live {string.Join(' ', Words(live).Except(Words(kept)))}{Environment.NewLine}    kept {string.Join(' ', Words(kept).Except(Words(live)))}");
            }
        }

        Nothing(problems);
    }

    [Fact]
    public void On_a_screen_of_80_columns_no_text_is_read_from_top_to_bottom()
    {
        var squeezed = samples.ByType.Where(group => Squeezed().IsMatch(
            samples.Runspace.Invoke("$rows | Format-Table | Out-String -Width 80", ("rows", group.ToArray())).Single().ToString().ReplaceLineEndings("\n")));
        Nothing(squeezed.Select(group => group.Key.Name));
    }

    [Fact]
    public void Names_of_tasks_are_whole_in_tables_of_runs() => Assert.All(
        new[] { "DatabaseOptimization", "DisasterRecoveryTest", "PerformanceBaseline" },
        name => Assert.Contains($" {name} ", samples.Runspace.Invoke(
            "[pscustomobject]@{ PSTypeName = 'Maintenance.MaintenanceRun'; StartedAt = [datetimeoffset]::UnixEpoch; Task = $name; Target = 'production'; Status = 'Ok'; Message = 'm' } | Format-Table | Out-String -Width 80",
            ("name", name)).Single().ToString(), StringComparison.Ordinal));

    [Fact]
    public void On_a_screen_of_80_columns_each_header_is_whole_however_long_names_are() => Nothing(samples.ByType
        .Select(group =>
        {
            var lines = samples.Runspace.Invoke("$rows | Format-Table | Out-String -Width 80", ("rows", group.Append(BuiltOutput.Make(group.Key, LongestName)).ToArray())).Single().ToString()
                .ReplaceLineEndings("\n").Split('\n');
            var rule = Array.FindIndex(lines, line => line.StartsWith('-'));
            // What comes before the lines of a header is the name of a group, or a whole run.
            var above = lines[..Math.Max(rule, 0)];
            return (group.Key.Name, Header: string.Join('\n', above[(Array.FindLastIndex(above, line => line.Trim().Length == 0) + 1)..]).Trim(), Rule: rule);
        })
        .Where(table => table.Rule > 0 && (table.Header.Contains('\n', StringComparison.Ordinal) || table.Header.Contains('…', StringComparison.Ordinal)))
        .Select(table => $"{table.Name}: {table.Header}"));

    [Fact]
    public void What_is_wider_than_a_table_has_a_list() => Nothing(samples.Runspace.Invoke(
        "$types | Where-Object { -not ((Get-FormatData -TypeName $_).FormatViewDefinition | Where-Object { $_.Control -is [Management.Automation.ListControl] }) }",
        ("types", samples.ByType.Select(group => group.Key).Except(Settings).Where(type => type.GetProperties().Length > WidestRow).Select(type => type.FullName!).ToArray())).Select(name => name.ToString()));

    [Theory]
    [InlineData("Format-Table")]
    [InlineData("Format-List")]
    public void No_view_shows_a_record_as_its_fields(string format) => Nothing(samples.ByType
        .SelectMany(group => Fields().Matches(samples.Runspace.Invoke($"$rows | {format} | Out-String -Width 500", ("rows", group.ToArray())).Single().ToString()).Select(match => $"{group.Key.Name}: {match.Value}"))
        .Distinct());

    [Theory]
    [InlineData("PlainText")]
    [InlineData("Host")]
    public void Nothing_that_goes_elsewhere_than_to_a_terminal_has_escape_sequences(string rendering)
    {
        foreach (var format in new[] { "Out-String", "Format-List | Out-String" })
        {
            Assert.All(
                samples.ByType,
                group => Assert.DoesNotContain('\e', samples.Runspace.Invoke($"$PSStyle.OutputRendering = '{rendering}'; $rows | {format} -Width 120", ("rows", group.ToArray())).Single().ToString()));
        }
    }

    [Fact]
    public void Columns_of_a_CSV_file_say_what_is_in_them_and_never_the_name_of_a_type()
    {
        var problems = samples.ByType.SelectMany(group => samples.Runspace
            .Invoke("$rows | ConvertTo-Csv", ("rows", group.ToArray()))
            .SelectMany(line => TypeName().Matches(line.ToString()))
            .Select(match => $"{group.Key.Name}: {match.Value}"))
            .Distinct();
        Nothing(problems);
    }

    [Fact]
    public void JSON_has_no_type_of_the_engine_no_secret_and_times_in_UTC()
    {
        var problems = new List<string>();
        foreach (var group in samples.ByType)
        {
            var json = samples.Runspace.Invoke("$rows | ConvertTo-Json -Depth 3 -WarningAction SilentlyContinue -Compress", ("rows", group.ToArray())).Single().ToString();
            Assert.DoesNotContain("Maintenance.Engine", json, StringComparison.Ordinal);
            Assert.DoesNotContain("Npgsql", json, StringComparison.Ordinal);
            Assert.DoesNotContain(samples.Password, json, StringComparison.Ordinal);
            Assert.DoesNotContain(BuiltOutput.Secret, json, StringComparison.Ordinal);
            problems.AddRange(TypeName().Matches(json).Select(match => $"{group.Key.Name}: {match.Value}"));
            Assert.All(Time().Matches(json), time => Assert.Matches(@"(Z|\+00:00)$", time.Groups[1].Value));
        }

        Nothing(problems.Distinct());
    }

    [Fact]
    public void Verbose_tells_whom_was_asked_what_and_how_long_it_took_and_no_literal_and_no_password()
    {
        Assert.Contains(samples.Verbose, line => Session().IsMatch(line));
        Assert.Contains(samples.Verbose, line => Statement().IsMatch(line));
        Assert.DoesNotContain(samples.Verbose, line => line.Contains(samples.Password, StringComparison.Ordinal) || line.Contains("@example", StringComparison.Ordinal) || line.Any(char.IsControl));
    }

    private static void Nothing(IEnumerable<string> problems) => Assert.False(problems.Any(), string.Join(Environment.NewLine, problems));

    // A map comes out of a file in another order.
    private static IEnumerable<string> Words(string text) => text.Split([' ', ',', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);

    private static string Line(string text) => text.Split('\n').FirstOrDefault(line => line.Trim().Length > 0)?.Trim() ?? "";

    // Five lines one after the other with a letter or two each.
    [GeneratedRegex(@"(^[ ]*[^\s-]{1,2}[ ]*\n){5}", RegexOptions.Multiline)]
    private static partial Regex Squeezed();

    [GeneratedRegex(@"\bSystem\.[A-Z][\w.]*(`\d)?(\[.*?\])?|\bMaintenance\.[A-Z]\w+(\[\]|`\d)|<>z__\w+")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\b[A-Z]\w+ \{ [A-Z]\w+ = ")]
    private static partial Regex Fields();

    [GeneratedRegex(@"""(\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?)""")]
    private static partial Regex Time();

    [GeneratedRegex(@"^Session '\w[\w -]*' of '.+': database \S+ on \S+ as \S+, PostgreSQL [\d.]+ \([\d.]+ ms\)\.$")]
    private static partial Regex Session();

    [GeneratedRegex(@"^\w+: (SELECT|WITH) .*: \d+ row\(s\) \([\d.]+ ms\)\.$")]
    private static partial Regex Statement();
}
