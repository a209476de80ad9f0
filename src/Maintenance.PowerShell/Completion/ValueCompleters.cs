namespace Maintenance.Completion;

/// <summary>Completes durations, as an example of how they are written.</summary>
public sealed class DurationCompleter : NameCompleter
{
    private static readonly (string Value, string ToolTip)[] Usual =
    [
        ("30s", "30 seconds"), ("5m", "5 minutes"), ("15m", "15 minutes"), ("1h", "1 hour"), ("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"), ("90d", "90 days"),
    ];

    internal override NameSearch? Search(NameRequest request) => Known(() => Usual.Select(usual => new NameChoice(usual.Value, usual.ToolTip) { IsValue = true }));
}

/// <summary>Completes ages, which a parameter takes for a time so long ago.</summary>
public sealed class AgeCompleter : NameCompleter
{
    private static readonly (string Value, string ToolTip)[] Usual = [("1h", "1 hour ago"), ("24h", "24 hours ago"), ("7d", "7 days ago"), ("30d", "30 days ago"), ("90d", "90 days ago")];

    internal override NameSearch? Search(NameRequest request) => Known(() => Usual.Select(usual => new NameChoice(usual.Value, usual.ToolTip) { IsValue = true }));
}

/// <summary>Completes times to come, given as how far away they are.</summary>
public sealed class DeadlineCompleter : NameCompleter
{
    private static readonly (string Value, string ToolTip)[] Usual = [("15m", "in 15 minutes"), ("30m", "in 30 minutes"), ("1h", "in 1 hour"), ("2h", "in 2 hours"), ("8h", "in 8 hours")];

    internal override NameSearch? Search(NameRequest request) => Known(() => Usual.Select(usual => new NameChoice(usual.Value, usual.ToolTip) { IsValue = true }));
}

/// <summary>Completes sizes, as an example of how they are written.</summary>
public sealed class SizeCompleter : NameCompleter
{
    private static readonly string[] Usual = ["1MB", "10MB", "100MB", "1GB", "10GB"];

    internal override NameSearch? Search(NameRequest request) => Known(() => Usual.Select(size => new NameChoice(size) { IsValue = true }));
}
