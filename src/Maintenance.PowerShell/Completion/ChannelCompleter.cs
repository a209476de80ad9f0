namespace Maintenance.Completion;

/// <summary>Completes the names of channels: the three that are always meant, and those of connected targets.</summary>
public sealed class ChannelCompleter : NameCompleter
{
    private static readonly string[] Usual = ["Default", "Emergency", "Security"];

    internal override NameSearch? Search(NameRequest request) =>
        Known(() => Usual.Concat(request.Targets.SelectMany(target => target.Channels.Keys)).Distinct(StringComparer.OrdinalIgnoreCase).Select(name => new NameChoice(name)));
}
