using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Maintenance.Engine.Backup.Drill;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Reporting;

/// <summary>
/// Makes a report of this module's objects that have none of their own: a table for each type, with its single values as columns. What a view
/// would show as text is text; long text stands below its row.
/// </summary>
internal static class ObjectReport
{
    private const int MostColumns = 9;
    private const int MostRows = 5000;
    private const int LongText = 80;
    private const int LongestText = 4000;

    // What every object says in the same way, or what is only for programs.
    private static readonly HashSet<string> Left = ["CollectedAt", "Fingerprint", "EqualityContract", "Oid", "TableOid", "RelationOid", "Target", "Unit", "IsEstimated"];

    // Most telling first, where there are too many.
    private static readonly string[] Leading = ["Status", "Verdict", "State", "Severity", "Database", "Schema", "Table", "Name", "Metric", "Subject", "Kind", "User", "QueryId", "Message", "Query", "Sql"];

    /// <summary>True for an object that this module gives.</summary>
    public static bool IsOurs(object item) => item.GetType() is { IsClass: true, IsPublic: true } type && type.Assembly == typeof(Finding).Assembly && typeof(Exception).IsAssignableFrom(type) == false;

    /// <summary>A report with a section for each type.</summary>
    public static Report Of(IReadOnlyList<object> items)
    {
        var groups = items.GroupBy(item => item.GetType()).ToList();
        var statuses = items.Select(StatusOf).OfType<HealthStatus>().ToList();
        var targets = items.Select(item => Text(Value(item, "Target"))).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var title = groups.Count == 1 ? Title(groups[0].Key) : "Maintenance objects";
        return new Report(
            targets is [var only] ? $"{title} of {only}" : title,
            statuses.Count == 0 ? HealthStatus.Unknown : statuses.Max(),
            [
                statuses.Count == 0 ? $"{Counted(groups)}. They carry no verdict." : $"{Counted(groups)}; {Tally(statuses)}.",
                .. Measured(items) is { } measured ? new[] { measured } : [],
            ],
            [.. groups.Select(Section)]);
    }

    private static ReportSection Section(IGrouping<Type, object> group)
    {
        var rows = group.Take(MostRows).ToList();
        var used = group.Key.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && !Left.Contains(property.Name))
            .Select(property => (property, cells: rows.Select(row => Cell(property, row)).ToList()))
            .Where(column => column.cells.Any(cell => cell is not null))
            .ToList();
        var longest = used.Where(column => column.cells.Any(cell => cell?.Length > LongText)).OrderByDescending(column => Rank(column.property.Name) < Leading.Length).ThenByDescending(column => column.cells.Max(cell => cell?.Length ?? 0)).FirstOrDefault();
        var beside = used.Where(column => column != longest).ToList();
        var kept = beside.OrderBy(column => Rank(column.property.Name)).Take(MostColumns).Select(column => column.property.Name).ToHashSet(StringComparer.Ordinal);
        // The verdict first, the rest in the order of the type.
        var columns = beside.Where(column => kept.Contains(column.property.Name)).OrderBy(column => column.property.Name != "Status").ToList();
        if (longest.property is not null)
        {
            columns.Add(longest);
        }

        var table = Enumerable.Range(0, rows.Count).Select(row => (IReadOnlyList<string?>)[.. columns.Select(column => column.cells[row])]).ToList();
        var title = group.Count() > rows.Count ? string.Create(CultureInfo.InvariantCulture, $"{Title(group.Key)} (the first {rows.Count} of {group.Count()})") : Title(group.Key);
        return new ReportSection(title, [.. columns.Select(column => Heading(column.property))], table, "They say nothing.")
        {
            Below = longest.property is null ? null : Heading(longest.property),
        };
    }

    private static int Rank(string name) => Array.IndexOf(Leading, name) is var place and >= 0 ? place : Leading.Length;

    private static string? Cell(PropertyInfo property, object row)
    {
        object? value;
        try
        {
            value = property.GetValue(row);
        }
        catch (TargetInvocationException)
        {
            return null;
        }

        return value is long size && property.Name.EndsWith("Bytes", StringComparison.Ordinal) ? FigureScale.Text(MetricUnit.Bytes, size) : Text(value);
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text.Length == 0 ? null : text.Length > LongestText ? $"{text[..LongestText]}…" : text,
        bool yes => yes ? "yes" : "no",
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        TimeSpan time => time < TimeSpan.Zero ? $"-{DrillText.Duration(time.Negate())}" : DrillText.Duration(time),
        double number => double.IsFinite(number) ? number.ToString(Math.Abs(number) < 1000 ? "0.###" : "#,0.#", CultureInfo.InvariantCulture) : null,
        System.Security.SecureString => null,
        IDictionary entries => entries.Count == 0 ? null : string.Join(", ", entries.Keys.Cast<object>().Take(5).Select(key => $"{key}: {Text(entries[key])}")),
        IEnumerable items => Listed([.. items.Cast<object?>()]),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() is { Length: > 0 } text && !text.Contains(" { ", StringComparison.Ordinal) ? text : null,
    };

    // Three are read; a hundred are counted.
    private static string? Listed(List<object?> items) => items.Count switch
    {
        0 => null,
        <= 3 => string.Join(", ", items.Select(Text).OfType<string>()) is { Length: > 0 and < 400 } text ? text : items.Count.ToString(CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{items.Count}"),
    };

    private static HealthStatus? StatusOf(object item) => Value(item, "Status") as HealthStatus?;

    private static object? Value(object item, string name) => item.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance)?.GetValue(item);

    private static string? Measured(IReadOnlyList<object> items)
    {
        var times = items.Select(item => Value(item, "CollectedAt") as DateTimeOffset?).OfType<DateTimeOffset>().ToList();
        return times.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Measured {times.Max().UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.");
    }

    private static string Counted(List<IGrouping<Type, object>> groups) =>
        string.Join(", ", groups.Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {(group.Count() == 1 ? "row" : "rows")}{(groups.Count == 1 ? "" : $" of {Title(group.Key)}")}")));

    private static string Tally(List<HealthStatus> statuses) =>
        string.Join(", ", statuses.GroupBy(status => status).OrderByDescending(group => group.Key).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")));

    private static string Heading(PropertyInfo property)
    {
        var (name, type) = (property.Name, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
        name = type == typeof(long) && name.EndsWith("Bytes", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name.EndsWith("Percent", StringComparison.Ordinal) && name.Length > 7 ? $"{name[..^7]} %" : name;
        return type == typeof(DateTimeOffset) ? $"{Words(name)} (UTC)" : Words(name);
    }

    private static string Title(Type type) => Words(type.Name.StartsWith("Db", StringComparison.Ordinal) && type.Name.Length > 2 && char.IsUpper(type.Name[2]) ? $"Database{type.Name[2..]}" : type.Name);

    // SlowQuery: Slow query.
    private static string Words(string name)
    {
        var text = new StringBuilder();
        for (var index = 0; index < name.Length; index++)
        {
            var begins = index > 0 && char.IsUpper(name[index]) && (!char.IsUpper(name[index - 1]) || (index + 1 < name.Length && char.IsLower(name[index + 1])));
            text.Append(begins ? " " : "").Append(begins && index + 1 < name.Length && char.IsLower(name[index + 1]) ? char.ToLowerInvariant(name[index]) : name[index]);
        }

        return text.ToString();
    }
}
