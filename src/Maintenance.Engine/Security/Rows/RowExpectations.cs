using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maintenance.Engine.Security.Rows;

/// <summary>What subjects are meant to reach, as a file says it: subjects, and for each table, subject and command a word or a number of rows.</summary>
internal sealed class RowExpectations
{
    private const int Version = 1;
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly JsonObject _tables;

    private RowExpectations(IReadOnlyList<RowSecuritySubject> subjects, JsonObject tables) => (Subjects, _tables) = (subjects, tables);

    public IReadOnlyList<RowSecuritySubject> Subjects { get; }

    /// <summary>Tables that the file speaks of, quoted.</summary>
    public IEnumerable<string> Tables => _tables.Select(table => table.Key);

    /// <summary>What is expected; null if the file does not say.</summary>
    /// <param name="table">The table, quoted.</param>
    /// <param name="subject">The subject's name.</param>
    /// <param name="command">The command.</param>
    public string? Find(string table, string subject, RowCommand command) =>
        ((_tables[table] as JsonObject)?[subject] as JsonObject)?[Key(command)]?.ToString();

    /// <summary>Reads a file's text, all of it checked.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="MaintenanceException">ConfigurationInvalid, with the place.</exception>
    public static RowExpectations Read(string text)
    {
        try
        {
            var root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) as JsonObject ?? throw Invalid("$", "is no object");
            if (root["version"]?.ToString() != Version.ToString(CultureInfo.InvariantCulture))
            {
                throw Invalid("$.version", "is not 1");
            }

            var subjects = ((root["subjects"] as JsonArray) ?? throw Invalid("$.subjects", "is no list")).Select((item, number) => Subject(item, $"$.subjects[{number}]")).ToList();
            if (subjects.GroupBy(subject => subject.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                throw Invalid("$.subjects", $"names '{twice.Key}' twice");
            }

            var tables = root["tables"] as JsonObject ?? throw Invalid("$.tables", "is no object");
            foreach (var (table, entry) in tables)
            {
                foreach (var (subject, cells) in entry as JsonObject ?? throw Invalid($"$.tables['{table}']", "is no object"))
                {
                    foreach (var (command, value) in cells as JsonObject ?? throw Invalid($"$.tables['{table}']['{subject}']", "is no object"))
                    {
                        var place = $"$.tables['{table}']['{subject}'].{command}";
                        if (!Enum.GetValues<RowCommand>().Any(known => Key(known) == command))
                        {
                            throw Invalid(place, "is no command: select, insert, update, move, delete");
                        }

                        if (value is not JsonValue || !IsExpectation(value.ToString()))
                        {
                            throw Invalid(place, "is neither Denied, None, Some, All nor a number of rows");
                        }
                    }

                    // What is expected of nobody would never be compared.
                    if (!subjects.Exists(known => known.Name == subject))
                    {
                        throw Invalid($"$.tables['{table}']['{subject}']", "is none of $.subjects");
                    }
                }
            }

            return new RowExpectations(subjects, tables);
        }
        // A name that comes twice is told only when it is looked up.
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new MaintenanceException(MaintenanceErrorCode.ConfigurationInvalid, "The expectations are no JSON that can be understood.", "Write a file to begin with by -Generate.", exception.Message);
        }
    }

    /// <summary>Writes what is so today.</summary>
    /// <param name="subjects">Who tried.</param>
    /// <param name="accesses">What came of it.</param>
    public static string Write(IEnumerable<RowSecuritySubject> subjects, IEnumerable<RowSecurityAccess> accesses)
    {
        var tables = new JsonObject();
        foreach (var access in accesses)
        {
            if (access.QualifiedName is not { } table)
            {
                continue;
            }

            var cells = new JsonObject();
            foreach (var cell in access.Cells().Where(cell => cell.Access is not null))
            {
                cells[Key(cell.Command)] = cell.Access.ToString();
            }

            var entry = tables[table] as JsonObject ?? [];
            entry[access.Subject] = cells;
            tables.TryAdd(table, entry);
        }

        return new JsonObject
        {
            ["version"] = Version,
            ["subjects"] = new JsonArray([.. subjects.Select(subject => new JsonObject
            {
                ["name"] = subject.Name,
                ["role"] = subject.Role,
                ["claims"] = subject.Claims is { } claims ? JsonNode.Parse(claims) : null,
                ["stranger"] = subject.IsStranger,
            })]),
            ["tables"] = tables,
        }.ToJsonString(Written) + "\n";
    }

    private static string Key(RowCommand command) => command.ToString().ToLowerInvariant();

    private static bool IsExpectation(string text) =>
        text is "Denied" or "None" or "Some" or "All" || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static RowSecuritySubject Subject(JsonNode? node, string place)
    {
        var subject = node as JsonObject ?? throw Invalid(place, "is no object");
        if (subject["name"]?.ToString() is not { Length: > 0 } name || subject["role"]?.ToString() is not { Length: > 0 } role)
        {
            throw Invalid(place, "has no name or no role");
        }

        return subject["claims"] is null or JsonObject
            ? new RowSecuritySubject(name, role) { Claims = subject["claims"]?.ToJsonString(), IsStranger = subject["stranger"]?.ToString() == "true" }
            : throw Invalid($"{place}.claims", "is no object");
    }

    private static MaintenanceException Invalid(string place, string what) => new(
        MaintenanceErrorCode.ConfigurationInvalid, $"The expectations are wrong: {place} {what}.", "Write a file to begin with by -Generate, and change it where it is not as it should be.");
}
