using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Notify;

/// <summary>The channels that there are. Where one is not configured, what is told on it goes to Default.</summary>
internal static class NotificationChannels
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["Default", "Emergency", "Security"];

    /// <summary>What is wrong with the name of a channel; null if nothing is.</summary>
    public static string? Mistake(string name) =>
        Names.Contains(name, StringComparer.OrdinalIgnoreCase) ? null : $"\"{name}\" is no channel. {Suggestion.Sentence(name, Names)}";
}
