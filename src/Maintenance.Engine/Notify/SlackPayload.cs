using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Notify;

/// <summary>
/// A message as Slack's incoming webhooks take it: a text for notifications, and one coloured attachment of blocks. The limits are
/// those of Slack's documentation: 3,000 characters in a section, 2,000 in a field, ten fields in a section, 50 blocks.
/// </summary>
internal static class SlackPayload
{
    private const int SectionLimit = 3000;
    private const int FieldLimit = 2000;
    private const int FieldsPerSection = 10;
    private const int MostFields = 100;
    private const int MostSections = 30;

    public static string Of(string target, NotificationMessage message, DateTimeOffset now)
    {
        var title = $"{Symbol(message.Severity)} {message.Title}";
        var blocks = new JArray(Section($"*{Escape(title, 1000)}*"));
        foreach (var section in Sections(message.Text))
        {
            blocks.Add(Section(section));
        }

        foreach (var fields in message.Fields.Take(MostFields).Chunk(FieldsPerSection))
        {
            blocks.Add(new JObject
            {
                ["type"] = "section",
                ["fields"] = new JArray(fields.Select(field => Text($"*{Escape(field.Name, 200)}*\n{Escape(field.Value, 1700)}", FieldLimit))),
            });
        }

        blocks.Add(new JObject
        {
            ["type"] = "context",
            ["elements"] = new JArray(Text($"{Escape(target, 200)} · {now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC{(message.Source is { } source ? $" · {Escape(source, 200)}" : "")}", SectionLimit)),
        });
        return new JObject
        {
            ["text"] = Escape(title, SectionLimit),
            ["attachments"] = new JArray(new JObject { ["color"] = Colour(message.Severity), ["fallback"] = Escape($"{title} {message.Text}", SectionLimit), ["blocks"] = blocks }),
        }.ToString(Formatting.None);
    }

    // A text that is too long for one section goes on in the next, from line to line.
    private static IEnumerable<string> Sections(string text)
    {
        var section = "";
        var count = 0;
        foreach (var line in text.Split('\n').Select(line => Escape(line, SectionLimit)))
        {
            if (section.Length > 0 && section.Length + 1 + line.Length > SectionLimit)
            {
                if (++count == MostSections)
                {
                    yield return "…";
                    yield break;
                }

                yield return section;
                section = "";
            }

            section += section.Length > 0 ? "\n" + line : line;
        }

        if (section.Length > 0)
        {
            yield return section;
        }
    }

    private static JObject Section(string text) => new() { ["type"] = "section", ["text"] = Text(text, SectionLimit) };

    // verbatim: Slack makes no links and no mentions out of it.
    private static JObject Text(string text, int most) => new() { ["type"] = "mrkdwn", ["text"] = text.Length <= most ? text : text[..most], ["verbatim"] = true };

    // Mentions such as <!channel>, links and formatting of Slack begin with these three. Escaped text is longer: it is cut so that
    // no escape is cut through.
    private static string Escape(string text, int most)
    {
        var escaped = new System.Text.StringBuilder();
        foreach (var rune in PayloadText.Of(text, most).EnumerateRunes())
        {
            var piece = rune.Value switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", _ => rune.ToString() };
            if (escaped.Length + piece.Length > most - 1)
            {
                return escaped.Append('…').ToString();
            }

            escaped.Append(piece);
        }

        return escaped.ToString();
    }

    private static string Symbol(HealthStatus severity) => severity switch
    {
        HealthStatus.Ok => "✅",
        HealthStatus.Warning => "⚠️",
        HealthStatus.Critical => "🚨",
        _ => "❓",
    };

    private static string Colour(HealthStatus severity) => severity switch
    {
        HealthStatus.Ok => "good",
        HealthStatus.Warning => "warning",
        HealthStatus.Critical => "danger",
        _ => "#8a8a8a",
    };
}
