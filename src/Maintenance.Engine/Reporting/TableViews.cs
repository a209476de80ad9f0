using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Maintenance.Engine.Reporting;

/// <summary>
/// What the console shows of a type: the columns of its widest table view in Maintenance.Format.ps1xml, as the properties they are made of. So a report
/// shows what people are used to see, and what is worth a column is decided in one place. A page cannot run a script: only of a script that shows
/// one property as it is does its heading hold for that property too.
/// </summary>
internal static partial class TableViews
{
    private static readonly Lazy<Dictionary<string, TableView>> Views = new(Read);

    private static readonly TableView None = new([], new HashSet<string>(StringComparer.Ordinal));

    /// <summary>The view of a type; one without columns if it has none.</summary>
    public static TableView Of(Type type) => Views.Value.GetValueOrDefault(type.FullName ?? "", None);

    private static Dictionary<string, TableView> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Reporting/Maintenance.Format.ps1xml") ?? throw new InvalidOperationException("The views are not in the engine.");
        return XDocument.Load(stream).Descendants("View")
            .SelectMany(view => view.Descendants("TypeName").Select(name => (name: name.Value.Trim(), view)))
            .GroupBy(pair => pair.name, pair => pair.view, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => new TableView(
                    [.. group.LastOrDefault(view => view.Element("TableControl") is not null) is { } table ? Columns(table) : []],
                    group.SelectMany(view => view.Descendants("ScriptBlock")).SelectMany(script => SizePattern().Matches(script.Value)).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal)),
                StringComparer.Ordinal);
    }

    /// <summary>A column, of what its item is made of.</summary>
    /// <param name="label">Its heading.</param>
    /// <param name="script">The script that makes it.</param>
    internal static TableViewColumn Scripted(string label, string script)
    {
        script = SpacePattern().Replace(script, " ").Trim();
        var plain = PlainPattern().Match(script);
        return plain.Success && plain.Groups["guard"].Captures.All(guard => guard.Value == plain.Groups["path"].Value)
            ? new TableViewColumn(label, [plain.Groups["path"].Value], IsPlain: true)
            : new TableViewColumn(label, [.. PathPattern().Matches(script).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)], IsPlain: false);
    }

    private static IEnumerable<TableViewColumn> Columns(XElement view) => view.Descendants("TableColumnHeader").Zip(view.Descendants("TableColumnItem"), (header, item) =>
    {
        var property = item.Element("PropertyName")?.Value.Trim();
        var label = (header.Element("Label")?.Value ?? property ?? "").Trim();
        return property is not null ? new TableViewColumn(label, [property], IsPlain: true) : Scripted(label, item.Element("ScriptBlock")?.Value ?? "");
    });

    // Calls of methods are no properties.
    [GeneratedRegex(@"\$_\.((?:\w+\.)*\w+)\b(?!\()", RegexOptions.CultureInvariant)]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex SpacePattern();

    // One property, written by a function of ours or in a format, and nothing or a word where it is not known.
    [GeneratedRegex(
        """
        ^(?:if\ \((?:\$null\ -ne\ )?\$_\.(?<guard>[\w.]+)\)\ \{\ |if\ \(\$null\ -eq\ \$_\.(?<guard>[\w.]+)\)\ \{\ '[^']*'\ \}\ else\ \{\ )?
        (?:\[Maintenance\.Formatting\.\w+\]::\w+\(|\[(?:string|long)\]|\(|"\$\()*
        \$_\.(?<path>[\w.]+?)(?:\.UtcDateTime)?(?:\.ToString\([^()]*\))?(?:\ -join\ '[^']*')?
        (?:\)"?|,\ \$_\.(?:Unit|IsEstimated)|,\ \$(?:true|false))*
        (?:\ \})?$
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex PlainPattern();

    [GeneratedRegex(@"::Size\(\$_\.((?:\w+\.)*\w+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex SizePattern();
}

/// <summary>What the console shows of a type.</summary>
/// <param name="Columns">The columns of its table.</param>
/// <param name="Sizes">What is written as a size in any of its views.</param>
internal sealed record TableView(IReadOnlyList<TableViewColumn> Columns, IReadOnlySet<string> Sizes);

/// <summary>A column of a view.</summary>
/// <param name="Label">Its heading.</param>
/// <param name="Paths">The properties it is made of, also those of properties; none if a function makes it of the whole object.</param>
/// <param name="IsPlain">True if it shows one property as it is, so that its heading is true of that property.</param>
internal sealed record TableViewColumn(string Label, IReadOnlyList<string> Paths, bool IsPlain);
