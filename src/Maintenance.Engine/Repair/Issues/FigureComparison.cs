using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>A figure from one source, or why there is none.</summary>
/// <param name="Source">Who says so, as the subject of a sentence.</param>
/// <param name="Value">The figure; null if it is not known.</param>
/// <param name="Reason">Why it is not known.</param>
/// <param name="Error">The error behind that, if there was one.</param>
/// <param name="Recommendation">What would make it known.</param>
internal sealed record Figure(string Source, double? Value, string? Reason = null, MaintenanceErrorCode? Error = null, string? Recommendation = null)
{
    public static Figure Unknown(string source, MaintenanceException exception) => new(source, null, exception.Message, exception.Code, exception.Recommendation);

    /// <summary>Reads a figure; what keeps it from being read is the reason why it is not known.</summary>
    public static async Task<Figure> ReadAsync(string source, Func<Task<Figure>> read)
    {
        try
        {
            return await read();
        }
        catch (MaintenanceException exception)
        {
            return Unknown(source, exception);
        }
    }
}

/// <summary>What comes of looking at a figure against its limit.</summary>
internal enum IssueVerdict
{
    Well = 0,
    Wrong,
    NotKnown,
}

/// <summary>
/// What a function says of something and what was measured of the same thing, against one limit. Pure. Whoever says that it is wrong is
/// believed; but where the two contradict each other, it is said, and nothing is repaired on the word of one.
/// </summary>
/// <param name="Function">What the function says; null if there is none to ask.</param>
/// <param name="Own">What was measured; null if there is nothing to measure.</param>
/// <param name="Limit">The limit.</param>
/// <param name="WrongAbove">Whether it is wrong above the limit; else below.</param>
/// <param name="Unit">The unit of all three.</param>
/// <param name="OwnDecides">
/// Whether what was measured decides that all is well; else it is the function that watches the system, and where it fails nobody does.
/// </param>
internal sealed record FigureComparison(Figure? Function, Figure? Own, double Limit, bool WrongAbove, MetricUnit Unit, bool OwnDecides = false)
{
    public IssueVerdict Verdict => IsWrong(Function) == true || IsWrong(Own) == true ? IssueVerdict.Wrong
        : Deciding?.Value is not null ? IssueVerdict.Well
        : IssueVerdict.NotKnown;

    /// <summary>One says that it is wrong, the other that it is not.</summary>
    public bool IsContradicted => IsWrong(Function) is { } one && IsWrong(Own) is { } other && one != other;

    /// <summary>The figure that tells: of two that are both beyond the limit, the one that was measured.</summary>
    public Figure Telling => IsWrong(Own) == true ? Own! : IsWrong(Function) == true ? Function! : Own?.Value is not null ? Own : Function ?? Own!;

    /// <summary>What else there is to say of where the figures come from, each sentence with a blank before it.</summary>
    public string Aside => IsContradicted
        ? $" {Sentence(Telling == Own ? Function! : Own!)} The limit lies between the two."
        : string.Concat(Sources.Where(source => source.Value is null).Select(source => $" {Sentence(source)}"));

    /// <summary>What one of the two has to say, with a blank before it; nothing where there is none.</summary>
    public string AsideOf(Figure? figure) => figure is null ? "" : $" {Sentence(figure)}";

    /// <summary>What both say, as evidence.</summary>
    public IEnumerable<(string Key, object? Value)> Evidence =>
    [
        ("Limit", Limit),
        .. Function is null ? [] : new (string, object?)[] { ("Function", Function.Value) },
        .. Own is null ? [] : new (string, object?)[] { ("Measured", Own.Value) },
    ];

    /// <summary>The finding for what nobody knows.</summary>
    public Finding NotKnown(IssueKind kind, string what)
    {
        if (!Sources.Any())
        {
            return Issue.NotKnown(
                kind, FindingSeverity.Medium, $"Whether {what} is not known: neither functions nor a database are configured.",
                "Configure functions.baseUri or a database. What is not watched on purpose belongs into excludedComponents.", MaintenanceErrorCode.NotConfigured);
        }

        var missing = Sources.Where(source => source.Value is null).ToList();
        var known = Sources.Where(source => source.Value is not null).Select(source => $" {Sentence(source)}");
        var denied = missing.Find(source => source.Error == MaintenanceErrorCode.PermissionDenied);
        var finding = Issue.NotKnown(
            kind,
            FindingSeverity.Medium,
            $"Whether {what} is not known.{string.Concat(missing.Select(source => $" {Sentence(source)}"))}{string.Concat(known)}",
            (denied ?? missing[0]).Recommendation,
            (denied ?? missing[0]).Error);
        // Where there is nobody else to ask, the reason may be that of other findings too.
        return Sources.Count() == 1 && missing[0].Reason is { } reason ? finding.Because($"whether {what}", reason) : finding;
    }

    /// <summary>A figure, as exact as people need it: no more, but never so that it looks as though it were at the limit.</summary>
    public string Value(Figure figure)
    {
        var value = figure.Value ?? double.NaN;
        var rounded = Math.Round(value, Unit == MetricUnit.None ? 1 : 2);
        return Quantities.Text(rounded == Limit && value != Limit ? value : rounded, Unit);
    }

    private Figure? Deciding => OwnDecides ? Own ?? Function : Function ?? Own;

    private IEnumerable<Figure> Sources => new[] { Function, Own }.OfType<Figure>();

    private bool? IsWrong(Figure? figure) => figure?.Value is { } value ? WrongAbove ? value > Limit : value < Limit : null;

    private string Sentence(Figure figure) => figure.Value is null
        ? $"{figure.Source} does not tell: {figure.Reason ?? "there is no figure."}"
        : $"{figure.Source} says {Value(figure)}.";
}
