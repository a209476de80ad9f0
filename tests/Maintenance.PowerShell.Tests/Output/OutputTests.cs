using System.Text.RegularExpressions;
using System.Xml.Linq;

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
    public void On_screens_of_every_width_each_header_is_whole_and_no_text_is_read_from_top_to_bottom_however_long_names_are()
    {
        // A console of 80 columns leaves its last one free.
        var tables = samples.ByType.SelectMany(group => samples.Runspace
            .Invoke("foreach ($width in 79..200) { $rows | Format-Table | Out-String -Width $width }", ("rows", group.Take(1).Append(BuiltOutput.Make(group.Key, LongestName)).ToArray()))
            .Select((table, index) => (group.Key.Name, Width: 79 + index, Text: table.ToString().ReplaceLineEndings("\n")))).ToList();
        Assert.True(tables.Count > 40 * 122, $"Only {tables.Count} tables were seen.");
        Nothing(tables.Where(table => HasBrokenHeader(table.Text) || Squeezed().IsMatch(table.Text)).GroupBy(table => table.Name, table => table.Width)
            .Select(table => $"{table.Key} at {string.Join(", ", table)}"));
    }

    [Theory]
    [InlineData(1, 13, "1 min", "13 s")]
    [InlineData(35, 26, "35 min", "26 s")]
    [InlineData(23 * 60 + 59, 0, "23 h", "59 min")]
    public void Durations_are_whole_in_every_table(int minutes, int seconds, string first, string last)
    {
        var (whole, shown, cut) = ($"{first} {last}", 0, new List<string>());
        foreach (var type in samples.ByType.Select(group => group.Key))
        {
            var texts = samples.Runspace.Invoke(
                """
                $rows | Format-Table | Out-String -Width 79
                if ((Get-FormatData -TypeName $rows[0].GetType().FullName).FormatViewDefinition.Name -contains 'Wide') { $rows | Format-Table -View Wide | Out-String -Width 300 }
                """,
                ("rows", new[] { BuiltOutput.Make(type, 0, new TimeSpan(0, minutes, seconds)) })).Select(text => text.ToString()).ToList();
            shown += texts.Count(text => text.Contains(whole, StringComparison.Ordinal));
            cut.AddRange(texts.Select(text => text.Replace(whole, "", StringComparison.Ordinal)).Where(text => text.Contains(first, StringComparison.Ordinal) || text.Contains(last, StringComparison.Ordinal)).Select(text => $"{type.Name}: {text}"));
        }

        Nothing(cut);
        Assert.True(shown > 25, $"Only {shown} tables show a duration.");
    }

    [Fact]
    public void Labels_in_lists_are_names_of_properties_each_once()
    {
        var views = XDocument.Load(Path.Combine(ModuleRunspace.ModuleFolder, "Maintenance.Format.ps1xml")).Descendants("View").Where(view => view.Element("ListControl") is not null).ToList();
        Assert.True(views.Count > 40, $"Only {views.Count} lists were seen.");
        Nothing(views.SelectMany(view =>
        {
            var type = typeof(Finding).Assembly.GetType(view.Descendants("TypeName").Single().Value, throwOnError: true)!;
            var labels = view.Descendants("ListItem").Select(item => (item.Element("Label") ?? item.Element("PropertyName"))!.Value).ToList();
            return labels.Where(label => type.GetProperty(label) is null).Concat(labels.GroupBy(label => label).Where(same => same.Count() > 1).Select(same => same.Key)).Select(label => $"{type.Name}: {label}");
        }));
    }

    [Theory]
    [InlineData("Format-Table")]
    [InlineData("Format-List")]
    public void Times_are_shown_in_one_form(string format) => Nothing(samples.ByType
        .Where(group => format == "Format-Table" || HasList(group.Key))
        .SelectMany(group => OtherTime().Matches(samples.Runspace.Invoke($"$rows | {format} | Out-String -Width 500", ("rows", group.ToArray())).Single().ToString()).Select(match => $"{group.Key.Name}: {match.Value}"))
        .Distinct());

    [Fact]
    public void Names_of_tasks_are_whole_in_tables_of_runs() => Assert.All(
        new[] { "DatabaseOptimization", "DisasterRecoveryTest", "PerformanceBaseline" },
        name => Assert.Contains($" {name} ", samples.Runspace.Invoke(
            "[pscustomobject]@{ PSTypeName = 'Maintenance.MaintenanceRun'; StartedAt = [datetimeoffset]::UnixEpoch; Task = $name; Target = 'production'; Status = 'Ok'; Message = 'm' } | Format-Table | Out-String -Width 80",
            ("name", name)).Single().ToString(), StringComparison.Ordinal));

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

    // What is small has none: PowerShell shows its properties as they are.
    private bool HasList(Type type) => samples.Runspace.Invoke(
        "(Get-FormatData -TypeName $type).FormatViewDefinition | Where-Object { $_.Control -is [Management.Automation.ListControl] }", ("type", type.FullName!)).Count > 0;

    private static bool HasBrokenHeader(string table)
    {
        var lines = table.Split('\n');
        var rule = Array.FindIndex(lines, line => line.StartsWith('-'));
        // What comes before the lines of a header is the name of a group, or a whole run.
        var above = lines[..Math.Max(rule, 0)];
        var header = string.Join('\n', above[(Array.FindLastIndex(above, line => line.Trim().Length == 0) + 1)..]).Trim();
        return header.Contains('\n', StringComparison.Ordinal) || header.Contains('…', StringComparison.Ordinal);
    }

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

    [GeneratedRegex(@"\b\d{1,2}/\d{1,2}/\d{4}\b.{0,20}")]
    private static partial Regex OtherTime();

    [GeneratedRegex(@"^Session '\w[\w -]*' of '.+': database \S+ on \S+ as \S+, PostgreSQL [\d.]+ \([\d.]+ ms\)\.$")]
    private static partial Regex Session();

    [GeneratedRegex(@"^\w+: (SELECT|WITH) .*: \d+ row\(s\) \([\d.]+ ms\)\.$")]
    private static partial Regex Statement();
}
