using System.Globalization;
using System.IO.Enumeration;

namespace Maintenance.Engine.Alerts;

/// <summary>Which silence holds for a rule. Pure.</summary>
internal static class AlertSilences
{
    /// <summary>The silence of a rule that holds longest; null for none.</summary>
    public static AlertSilence? For(IReadOnlyList<AlertSilence> silences, string rule, DateTimeOffset now) => silences
        .Where(silence => silence.From <= now && now < silence.Until && FileSystemName.MatchesSimpleExpression(silence.Rule, rule))
        .MaxBy(silence => silence.Until);

    /// <summary>One line: until when, who and why.</summary>
    public static string Describe(AlertSilence silence) => AlertMessages.OneLine(string.Create(
        CultureInfo.InvariantCulture, $"silenced until {silence.Until.UtcDateTime:yyyy-MM-dd HH:mm'Z'} by {silence.By}: {silence.Reason}"));
}
