using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Maintenance.Engine.Backup.Drill;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Reporting;

/// <summary>
/// Makes a report of this module's objects that have none of their own: a table for each type. Its columns are those of the type's view in the
/// console (<see cref="TableViews"/>), in another order: first what it is of, then the figures, then what they mean. Long text stands below its row.
/// </summary>
internal static class ObjectReport
{
    private const int MostColumns = 9;
    private const int MostRows = 5000;
    private const int LongText = 80;
    private const int LongestText = 4000;

    // What every object says in the same way, or what is only for programs.
    private static readonly HashSet<string> Left = ["CollectedAt", "Fingerprint", "EqualityContract", "Oid", "TableOid", "RelationOid", "Target", "Unit", "IsEstimated", "Origin"];

    // What tells one object of a type from another.
    private static readonly HashSet<string> Identifying =
    [
        "Target", "Database", "QualifiedName", "Schema", "Name", "Table", "Metric", "Subject", "Title", "Operation", "Component", "Resource", "Function", "Task", "Source", "Role", "User",
        "ProcessId", "QueryId", "Id", "Column", "Check", "Activity",
    ];

    // What it comes to, where a view does not say it.
    private static readonly string[] Telling = ["Status", "Message", "Reason"];

    // Figures that are not in the unit of what they are of.
    private static readonly string[] Unitless = ["Percent", "Probability", "Ratio", "Points", "Score", "Weight"];

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
            targets.Count is > 0 and <= 3 ? $"{title} of {string.Join(", ", targets)}" : targets.Count > 3 ? string.Create(CultureInfo.InvariantCulture, $"{title} of {targets.Count} targets") : title,
            statuses.Count == 0 ? HealthStatus.Unknown : statuses.Max(),
            [
                statuses.Count == 0 ? $"{Counted(groups)}. They carry no verdict." : $"{Counted(groups)}; {Tally(statuses)}.",
                .. Measured(items) is { } measured ? new[] { measured } : [],
                .. Origins(items),
            ],
            [.. groups.Select(group => Section(group, targets.Count > 1))]);
    }

    private static ReportSection Section(IGrouping<Type, object> group, bool withTarget)
    {
        var rows = group.Take(MostRows).ToList();
        var all = PublicValues.Properties(group.Key).Where(property => !Left.Contains(property.Name) || (withTarget && property.Name == "Target")).ToDictionary(property => property.Name, property => Column.Of(group.Key, property), StringComparer.Ordinal);
        var filled = all.Where(pair => rows.Any(row => pair.Value.Cell(row) is not null)).Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
        var (chosen, whole) = OfView(group.Key, all);
        void Add(string name, int? place = null)
        {
            if (filled.Contains(name) && chosen.All(column => column.Property != name))
            {
                chosen.Insert(place ?? chosen.Count, all[name]);
            }
        }

        if (rows.Select(row => Text(Value(row, "Database"))).Distinct(StringComparer.Ordinal).Skip(1).Any() && all.TryGetValue("Database", out var database) && database.IsPlain)
        {
            Add("Database", 0);
        }

        if (withTarget)
        {
            chosen.RemoveAll(column => column.Property == "Target");
            Add("Target", 0);
        }

        OneName(group.Key, chosen, rows);
        foreach (var name in Telling)
        {
            Add(name);
        }

        if (!whole)
        {
            foreach (var name in filled.Where(name => !IsPartOfName(group.Key, name)).OrderBy(name => all[name].Worth).ThenBy(name => all[name].Since).ToList())
            {
                if (chosen.Count < MostColumns)
                {
                    Add(name);
                }
            }
        }

        var columns = chosen.Select(column => (column, cells: rows.Select(column.Cell).ToList())).Where(pair => pair.cells.Any(cell => cell is not null)).OrderBy(pair => pair.column.Worth).ToList();
        var longest = columns.Where(pair => pair.cells.Any(cell => cell?.Length > LongText)).OrderByDescending(pair => pair.cells.Max(cell => cell?.Length ?? 0)).FirstOrDefault();
        if (longest.column is not null)
        {
            columns.Remove(longest);
            columns.Add(longest);
        }

        var shown = columns.Select(pair => pair.column.Property).ToHashSet(StringComparer.Ordinal);
        var more = all.Keys.Count(name => !shown.Contains(name) && !IsPartOfName(group.Key, name) && rows.Any(row => Value(row, name) is not (null or "" or ICollection { Count: 0 })));
        var table = Enumerable.Range(0, rows.Count).Select(row => (IReadOnlyList<string?>)[.. columns.Select(pair => pair.cells[row])]).ToList();
        var title = group.Count() > rows.Count ? string.Create(CultureInfo.InvariantCulture, $"{Title(group.Key)} (the first {rows.Count} of {group.Count()})") : Title(group.Key);
        return new ReportSection(title, [.. columns.Select(pair => pair.column.Heading)], table, "They say nothing.")
        {
            Below = longest.column?.Heading,
            Note = more == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{more} more {(more == 1 ? "property is" : "properties are")} in the JSON form of this report (-Format Json)."),
        };
    }

    /// <summary>The columns that the view of a type gives, with the property that each is made of; for those who check them.</summary>
    internal static IReadOnlyList<(string Property, string Heading)> ViewColumns(Type type) =>
        [.. OfView(type, PublicValues.Properties(type).Where(property => !Left.Contains(property.Name)).ToDictionary(property => property.Name, property => Column.Of(type, property), StringComparer.Ordinal)).Columns.Select(column => (column.Property, column.Heading))];

    // The columns of the view, each made of the property that it is about; false where it has some that are made otherwise, or there is no view.
    private static (List<Column> Columns, bool Whole) OfView(Type type, Dictionary<string, Column> all)
    {
        var (chosen, view) = (new List<Column>(), TableViews.Of(type));
        var whole = view.Columns.Count > 0;
        foreach (var seen in view.Columns)
        {
            if (Left.Contains(seen.Label))
            {
                continue;
            }

            var paths = seen.Paths.Select(path => Column.Of(type, path, seen.Label, view.Sizes.Contains(path))).OfType<Column>().Where(column => column.Property is not ("Unit" or "IsEstimated")).OrderBy(column => column.IsYesOrNo).ToList();
            var plain = seen.Label.Replace(" ", "", StringComparison.Ordinal);
            var column = paths.Find(path => path.Property.Equals(plain, StringComparison.OrdinalIgnoreCase)) ?? paths.Find(path => chosen.All(taken => taken.Path != path.Path)) ?? (paths.Count == 0 ? all.GetValueOrDefault(plain) ?? all.GetValueOrDefault($"{plain}Id") : null);
            // A heading for what is computed, or made of a yes or no, is not true of the property: that goes by its own name.
            if (column is not null && !column.Property.Equals(plain, StringComparison.OrdinalIgnoreCase) && (!seen.IsPlain || (column.IsYesOrNo && column.Property != $"Is{plain}")))
            {
                column = Column.Of(type, column.Path, null, view.Sizes.Contains(column.Path))!;
            }

            if (column is not null && chosen.All(taken => taken.Path != column.Path && taken.Heading != column.Heading))
            {
                chosen.Add(column);
            }

            whole &= column is not null;
        }

        return (chosen, whole);
    }

    // One column for the name, not one for each of its parts.
    private static void OneName(Type type, List<Column> chosen, List<object> rows)
    {
        if (Qualified(type) is not { } name)
        {
            return;
        }

        var place = chosen.FindIndex(column => IsPartOfName(type, column.Path));
        chosen.RemoveAll(column => IsPartOfName(type, column.Path) || (column.Path == "Table" && rows.TrueForAll(row => column.Cell(row) == name(row))));
        chosen.Insert(Math.Clamp(place, 0, chosen.Count), new Column("Name", "Name", "Name", 0, row => name(row)));
    }

    private static Func<object, string?>? Qualified(Type type) => type.GetProperty("QualifiedName") is not null
        ? row => Text(Value(row, "QualifiedName"))
        : type.GetProperty("Schema") is not null && type.GetProperty("Name") is not null
            ? row => string.Join('.', new[] { Text(Value(row, "Schema")), Text(Value(row, "Name")) }.OfType<string>()) is { Length: > 0 } name ? name : null
            : null;

    private static bool IsPartOfName(Type type, string property) => property is "Schema" or "Name" or "QualifiedName" && Qualified(type) is not null;

    /// <summary>A column: a property, or one of a property.</summary>
    private sealed record Column(string Path, string Property, string Heading, int Worth, Func<object, string?> Cell)
    {
        // How long says more than since when.
        public bool Since { get; init; }

        public bool IsYesOrNo { get; init; }

        public bool IsPlain => Path == Property;

        public static Column Of(Type type, PropertyInfo property) => Of(type, property.Name, null, TableViews.Of(type).Sizes.Contains(property.Name))!;

        // Null where there is no such property, or it is a secret.
        public static Column? Of(Type type, string path, string? label, bool isSize)
        {
            var steps = new List<PropertyInfo>();
            var at = type;
            foreach (var step in path.Split('.'))
            {
                // What a list or another library says of itself is not followed.
                if (PublicValues.Properties(at).FirstOrDefault(property => property.Name == step) is not { } found || (steps.Count > 0 && (at.Assembly != typeof(Finding).Assembly || PublicValues.HasSecrets(at))))
                {
                    break;
                }

                steps.Add(found);
                at = Nullable.GetUnderlyingType(found.PropertyType) ?? found.PropertyType;
            }

            if (steps.Count == 0)
            {
                return null;
            }

            var last = steps[^1];
            var unit = steps.Count == 1 && at == typeof(double) && IsInUnit(last.Name) && type.GetProperty("Unit") is { } property && property.PropertyType == typeof(MetricUnit) ? property : null;
            isSize |= at == typeof(long) && last.Name.EndsWith("Bytes", StringComparison.Ordinal);
            return new Column(string.Join('.', steps.Select(step => step.Name)), steps[0].Name, ObjectReport.Heading(last, label, at), Rank(steps[0].Name, at), row =>
            {
                object? value = row;
                foreach (var step in steps)
                {
                    value = value is null ? null : PublicValues.Value(step, value);
                }

                return value switch
                {
                    double size when last.Name.Contains("Bytes", StringComparison.Ordinal) && double.IsFinite(size) => FigureScale.Text(MetricUnit.Bytes, size),
                    long size when isSize => FigureScale.Text(MetricUnit.Bytes, size),
                    double number when unit is not null && double.IsFinite(number) && PublicValues.Value(unit, row) is MetricUnit measured => FigureScale.Text(measured, number),
                    double number when last.Name.EndsWith("Percent", StringComparison.Ordinal) => double.IsFinite(number) ? string.Create(CultureInfo.InvariantCulture, $"{number:0.##} %") : null,
                    _ => Text(value),
                };
            })
            {
                Since = at == typeof(DateTimeOffset),
                IsYesOrNo = at == typeof(bool),
            };
        }

        private static int Rank(string name, Type type) => Identifying.Contains(name) ? 0
            : IsMeasured(name, type) ? 1
            : name is "Status" or "Verdict" or "State" or "Severity" or "Outcome" ? 2
            : 3;

        private static bool IsMeasured(string name, Type type) => !name.EndsWith("Id", StringComparison.Ordinal)
            && (type == typeof(TimeSpan) || type == typeof(DateTimeOffset) || type == typeof(long) || type == typeof(int) || type == typeof(double));

        // A share or a probability is no figure in the unit of what it is of.
        private static bool IsInUnit(string name) => !Unitless.Any(end => name.EndsWith(end, StringComparison.Ordinal));
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text.Length == 0 ? null : text.Length > LongestText ? $"{text[..LongestText]}…" : text,
        bool yes => yes ? "yes" : "no",
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        TimeSpan time => time < TimeSpan.Zero ? $"-{DrillText.Duration(time.Negate())}" : DrillText.Duration(time),
        double number => double.IsFinite(number) ? number.ToString(Math.Abs(number) < 1000 ? "0.###" : "#,0.#", CultureInfo.InvariantCulture) : null,
        Uri uri => PublicValues.Address(uri),
        System.Security.SecureString or SecretReference => null,
        IDictionary entries when entries.Values.Cast<object?>().Any(entry => entry is not null && PublicValues.HasSecrets(entry.GetType())) => string.Join(", ", entries.Keys.Cast<object>()),
        IDictionary entries => entries.Count == 0 ? null : string.Join(", ", entries.Keys.Cast<object>().Take(5).Select(key => $"{key}: {Text(entries[key])}")),
        IEnumerable items => Listed([.. items.Cast<object?>()]),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ when PublicValues.HasSecrets(value.GetType()) => PublicValues.Name(value),
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

    // What was made up must say so wherever it is shown.
    private static IEnumerable<string> Origins(IReadOnlyList<object> items)
    {
        var origins = items.Select(item => Value(item, "Origin") as string ?? (Value(item, "IsMadeUp") is true ? MadeUp.Note : null)).ToList();
        return origins.OfType<string>().Distinct(StringComparer.Ordinal).Select(origin =>
            origins.Count(one => one == origin) is var count && count == items.Count ? origin : string.Create(CultureInfo.InvariantCulture, $"{count} of {items.Count} rows: {origin}"));
    }

    private static string? Measured(IReadOnlyList<object> items)
    {
        var times = items.Select(item => Value(item, "CollectedAt") as DateTimeOffset?).OfType<DateTimeOffset>().ToList();
        return times.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Measured {times.Max().UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.");
    }

    private static string Counted(List<IGrouping<Type, object>> groups) =>
        string.Join(", ", groups.Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {(group.Count() == 1 ? "row" : "rows")}{(groups.Count == 1 ? "" : $" of {Title(group.Key)}")}")));

    private static string Tally(List<HealthStatus> statuses) =>
        string.Join(", ", statuses.GroupBy(status => status).OrderByDescending(group => group.Key).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")));

    private static string Heading(PropertyInfo property, string? label, Type type)
    {
        var name = property.Name;
        name = type == typeof(long) && name.EndsWith("Bytes", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name.EndsWith("Percent", StringComparison.Ordinal) && name.Length > 7 ? name[..^7] : name;
        var heading = label switch
        {
            // In a page there is room for words.
            null or "" => Words(name),
            "+/-" => "+/- (points)",
            // Each value says that it is a share.
            _ when label.EndsWith(" %", StringComparison.Ordinal) => label[..^2],
            _ => label.Contains(' ', StringComparison.Ordinal) ? label : Words(label),
        };
        return type == typeof(DateTimeOffset) && !heading.Contains("UTC", StringComparison.Ordinal) ? $"{heading} (UTC)" : heading;
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
