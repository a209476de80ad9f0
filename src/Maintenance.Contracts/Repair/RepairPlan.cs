using System.Globalization;

namespace Maintenance;

/// <summary>One thing that a remedy does.</summary>
/// <param name="Command">The exact command or SQL.</param>
/// <param name="Parameters">What it is carried out with.</param>
public sealed record RepairStep(string Command, IReadOnlyDictionary<string, string> Parameters)
{
    /// <inheritdoc/>
    public override string ToString() => Command;
}

/// <summary>What would be done about an issue: made from what is measured now, to be confirmed before it is carried out.</summary>
public sealed record RepairPlan
{
    private const int MostInLine = 3;

    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The issue, as it was handed in.</summary>
    public required Finding Finding { get; init; }

    /// <summary>The remedy.</summary>
    public Remedy? Remedy { get; init; }

    /// <summary>What would run, in this order. Nothing else is carried out.</summary>
    public IReadOnlyList<RepairStep> Steps { get; init => field = Readable.Copy(value); } = Readable.List<RepairStep>.Empty;

    /// <summary>How much it asks for a person's consent: High where sessions end or what runs is replaced.</summary>
    public RemedyRisk Impact { get; init; } = RemedyRisk.High;

    /// <summary>What was measured; null if nothing could be.</summary>
    public string? Before { get; init; }

    /// <summary>The result, where it is decided already: gone or refused.</summary>
    public SystemRepair? Decided { get; init; }

    /// <summary>What it would happen to, for people.</summary>
    public string Description => Finding.Subject is { } subject ? $"{Target}: {Finding.Id} {subject}" : $"{Target}: {Finding.Id}";

    /// <summary>What would be done, for people.</summary>
    public string Action => Decided is { } decided ? decided.Message : Steps.Count <= MostInLine
        ? $"{Remedy?.Kind}, risk {Remedy?.Risk}: {string.Join("; ", Steps)}"
        // Each on a line of its own, or nobody reads them.
        : string.Create(CultureInfo.InvariantCulture, $"{Remedy?.Kind}, risk {Remedy?.Risk}, {Steps.Count} steps:{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", Steps)}{Environment.NewLine}");
}
