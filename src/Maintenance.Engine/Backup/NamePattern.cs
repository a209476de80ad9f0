using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup;

/// <summary>
/// How backups are named, such as <c>{database}-{yyyyMMddHH}.dump</c> or <c>{database}/{yyyy}/{MM}/{dd}/{HHmm}.sql.gz</c>. Text stands
/// for itself, <c>{database}</c> for a database, the letters yyyy, MM, dd, HH, mm and ss in braces for a time (UTC), and <c>*</c> for
/// anything but a slash. Pure.
/// </summary>
internal sealed class NamePattern
{
    private const string Database = "database";
    private const string Letters = "yMdHms";

    // Those that name a day, in the order in which they sort by time.
    private static readonly string[] DayFields = ["yyyy", "MM", "dd"];
    private static readonly string[] Fields = [.. DayFields, "HH", "mm", "ss"];
    private static readonly TimeSpan[] Precisions = [TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1)];

    private readonly List<Part> _parts;
    private readonly Regex _names;

    private NamePattern(string text, List<Part> parts)
    {
        Text = text;
        _parts = parts;
        _names = new Regex(Expression(parts), RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline, TimeSpan.FromSeconds(1));
    }

    private enum PartKind
    {
        Text,
        Database,
        Field,
        Anything,
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>True if names tell the database.</summary>
    public bool NamesDatabase => Has(PartKind.Database);

    /// <summary>True if the end of names is left open, so that their endings tell what is a backup.</summary>
    public bool EndsOpen => _parts[^1].Kind == PartKind.Anything;

    /// <summary>
    /// True if the names of a database sort by day: what comes before the day is the same in all of them. A listing may then start
    /// at a day.
    /// </summary>
    public bool SortsByDay
    {
        get
        {
            var fields = _parts.TakeWhile(part => part.Kind != PartKind.Anything).Where(part => part.Kind == PartKind.Field).Select(part => part.Value);
            return fields.Distinct().Take(DayFields.Length).SequenceEqual(DayFields);
        }
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument: it has mistakes.</exception>
    public static NamePattern Parse(string text)
    {
        var mistakes = Mistakes(text);
        return mistakes.Count == 0 ? new NamePattern(text, Split(text, [])) : throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            $"The pattern of the names of backups is wrong. {string.Join(' ', mistakes)}",
            "Write it like {database}-{yyyyMMddHH}.dump: text, {database}, the date, and * for anything but a slash.");
    }

    /// <summary>What is wrong with a pattern, a sentence each; empty if nothing is.</summary>
    public static IReadOnlyList<string> Mistakes(string text)
    {
        var mistakes = new List<string>();
        var parts = Split(text, mistakes);
        if (text.Any(char.IsControl) || text.Contains('\\', StringComparison.Ordinal))
        {
            mistakes.Add("It contains a control character or a backslash; folders are separated by '/'.");
        }

        if (text.Split('/').Any(segment => segment is "" or "." or ".."))
        {
            mistakes.Add("A folder in it has no name: it begins or ends with '/', or has '//', '.' or '..' in it. It starts below the store's prefix.");
        }

        if (mistakes.Count > 0)
        {
            return mistakes;
        }

        foreach (var field in Fields.Take(DayFields.Length).Where(field => !parts.Contains(new Part(PartKind.Field, field))))
        {
            mistakes.Add($"It has no {{{field}}}: year, month and day are all needed.");
        }

        for (var i = DayFields.Length; i < Fields.Length - 1; i++)
        {
            if (parts.Contains(new Part(PartKind.Field, Fields[i + 1])) && !parts.Contains(new Part(PartKind.Field, Fields[i])))
            {
                mistakes.Add($"It has {{{Fields[i + 1]}}} without {{{Fields[i]}}}.");
            }
        }

        for (var i = 1; i < parts.Count; i++)
        {
            if (parts[i - 1].IsOpen && parts[i].IsOpen)
            {
                mistakes.Add($"Nothing stands between {parts[i - 1]} and {parts[i]}, so that nobody can tell where one ends.");
            }
        }

        return mistakes;
    }

    /// <summary>Reads a name below the store's prefix; null if it is not of this pattern.</summary>
    public (string? Database, NameDate Date)? Read(string name)
    {
        try
        {
            var match = _names.Match(name);
            return match.Success && DateOf(match, name.Length) is { } date
                ? (match.Groups[Database] is { Success: true } database ? database.Value : null, date)
                : null;
        }
        catch (RegexMatchTimeoutException)
        {
            // Made to be slow: no name that this pattern was meant for.
            return null;
        }
    }

    /// <summary>
    /// What all names of a database and day begin with. Null if that tells no day: where something open stands before it, or the
    /// database is not known.
    /// </summary>
    public string? Prefix(string? database, DateOnly day)
    {
        var prefix = new StringBuilder();
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in _parts)
        {
            var text = part.Kind switch
            {
                PartKind.Text => part.Value,
                PartKind.Database => database,
                PartKind.Field when Array.IndexOf(DayFields, part.Value) >= 0 => day.ToString(part.Value, CultureInfo.InvariantCulture),
                _ => null,
            };
            if (text is null)
            {
                break;
            }

            prefix.Append(text);
            told.Add(part.Value);
        }

        return DayFields.All(told.Contains) ? prefix.ToString() : null;
    }

    /// <summary>What all names of a database begin with, whatever the day.</summary>
    public string Head(string? database)
    {
        var head = _parts.TakeWhile(part => part.Kind == PartKind.Text || (part.Kind == PartKind.Database && database is not null));
        return string.Concat(head.Select(part => part.Kind == PartKind.Text ? part.Value : database));
    }

    /// <summary>The name of a backup; null where the pattern leaves something open.</summary>
    /// <param name="database">The database.</param>
    /// <param name="time">When it is taken.</param>
    public string? Write(string database, DateTimeOffset time) => Has(PartKind.Anything) ? null : string.Concat(_parts.Select(part => part.Kind switch
    {
        PartKind.Text => part.Value,
        PartKind.Database => database,
        // A single letter would be taken for a standard format, but no field is one.
        _ => time.UtcDateTime.ToString(part.Value, CultureInfo.InvariantCulture),
    }));

    private bool Has(PartKind kind) => _parts.Exists(part => part.Kind == kind);

    private static List<Part> Split(string text, List<string> mistakes)
    {
        var parts = new List<Part>();
        for (var at = 0; at < text.Length;)
        {
            var next = text.AsSpan(at).IndexOfAny("{}*");
            if (next != 0)
            {
                var literal = next < 0 ? text[at..] : text[at..(at + next)];
                parts.Add(new Part(PartKind.Text, literal));
                at += literal.Length;
            }
            else if (text[at] == '*')
            {
                parts.Add(new Part(PartKind.Anything, "*"));
                at++;
            }
            else if (text[at] == '{' && text.IndexOfAny(['{', '}'], at + 1) is > 0 and var end && text[end] == '}')
            {
                SplitBraces(text[(at + 1)..end], parts, mistakes);
                at = end + 1;
            }
            else
            {
                mistakes.Add($"The '{text[at]}' at character {at + 1} has no counterpart.");
                return parts;
            }
        }

        return parts;
    }

    private static void SplitBraces(string content, List<Part> parts, List<string> mistakes)
    {
        if (content.Equals(Database, StringComparison.OrdinalIgnoreCase))
        {
            parts.Add(new Part(PartKind.Database, Database));
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < content.Length;)
        {
            var run = Run(content, at);
            if (Array.IndexOf(Fields, run) >= 0)
            {
                // "MM" twice in one date is the classic slip: minutes are "mm".
                if (!seen.Add(run))
                {
                    mistakes.Add($"{{{content}}} has {run} twice.{(run == "MM" ? " Minutes are mm." : "")}");
                }

                parts.Add(new Part(PartKind.Field, run));
            }
            else if (char.IsAsciiLetter(run[0]) && run is not ("T" or "Z"))
            {
                mistakes.Add($"{{{content}}} is not understood{Hint(content, run)} In braces may stand database, or a date of yyyy, MM, dd, HH, mm and ss.");
                return;
            }
            else
            {
                parts.Add(new Part(PartKind.Text, run));
            }

            at += run.Length;
        }

        if (seen.Count == 0)
        {
            mistakes.Add($"{{{content}}} is not understood. In braces may stand database, or a date of yyyy, MM, dd, HH, mm and ss.");
        }
    }

    private static string Run(string content, int at)
    {
        var end = at + 1;
        while (end < content.Length && content[end] == content[at])
        {
            end++;
        }

        return content[at..end];
    }

    private static string Hint(string content, string run) => run switch
    {
        "YYYY" => ": years are yyyy.",
        "yy" or "YY" => ": years have four digits, yyyy.",
        "DD" => ": days are dd.",
        "hh" => ": hours are HH, from 00 to 23.",
        "SS" => ": seconds are ss.",
        _ when content.All(char.IsAsciiLetter) && !content.Any(Letters.Contains) => ".",
        _ when content.StartsWith("d", StringComparison.OrdinalIgnoreCase) && content.Contains('b', StringComparison.OrdinalIgnoreCase) => ": the database is {database}.",
        _ => $" at \"{run}\".",
    };

    private static string Expression(List<Part> parts)
    {
        var expression = new StringBuilder(@"\A");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            expression.Append(part.Kind switch
            {
                PartKind.Text => Regex.Escape(part.Value),
                PartKind.Anything => "[^/]*?",
                _ when !seen.Add(part.Value) => $@"\k<{part.Value}>",
                PartKind.Database => "(?<database>[^/]+?)",
                _ => $"(?<{part.Value}>[0-9]{{{part.Value.Length}}})",
            });
        }

        return expression.Append(@"\z").ToString();
    }

    private static NameDate? DateOf(Match match, int length)
    {
        var values = Fields.Select(field => match.Groups[field] is { Success: true } group ? int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : (int?)null).ToArray();
        if (values[0] is not (>= 1 and <= 9998 and var year) || values[1] is not (>= 1 and <= 12 and var month) || values[2] is not (>= 1 and var day)
            || day > DateTime.DaysInMonth(year, month) || values[3] > 23 || values[4] > 59 || values[5] > 59)
        {
            return null;
        }

        var from = new DateTimeOffset(year, month, day, values[3] ?? 0, values[4] ?? 0, values[5] ?? 0, TimeSpan.Zero);
        var known = values.Skip(DayFields.Length).TakeWhile(value => value is not null).Count();
        return new NameDate(new DateOnly(year, month, day), "", 0, length, from, from + (known == 0 ? TimeSpan.FromDays(1) : Precisions[known - 1]));
    }

    private readonly record struct Part(PartKind Kind, string Value)
    {
        public bool IsOpen => Kind is PartKind.Database or PartKind.Anything;

        public override string ToString() => Kind == PartKind.Anything ? Value : $"{{{Value}}}";
    }
}
