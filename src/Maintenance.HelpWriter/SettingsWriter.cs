using System.Text.Json;

namespace Maintenance.HelpWriter;

/// <summary>Writes the schema of the configuration file as a page: every setting, where it stands, in the schema's order.</summary>
internal sealed class SettingsWriter
{
    // How the page calls a target, whose settings stand at the left margin: all but two of the file's are a target's.
    private const string Target = "targets.NAME";

    private readonly JsonElement _schema;
    private readonly List<string> _blocks = [];

    private SettingsWriter(JsonElement schema) => _schema = schema;

    /// <summary>Writes the page.</summary>
    /// <param name="schema">The schema's text.</param>
    public static string Write(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        var writer = new SettingsWriter(document.RootElement);
        writer.WritePage();
        return string.Join("\n\n", writer._blocks) + "\n";
    }

    private void WritePage()
    {
        _blocks.Add("# Every setting");
        _blocks.Add(
            "Made from `maintenance.schema.json`, which editors complete and check with, and which the module itself validates with. "
            + "How the file is found, how secrets are given and what the environment adds: [configuration](configuration.md).");
        _blocks.Add(Prose(Text(_schema, "description")));
        var top = Group("", _schema);
        _blocks.Add("## Kinds of values");
        _blocks.Add(string.Join('\n', Kinds.Select(kind => $"- **{kind.Shown}**: {Prose(Text(Definition(kind.Definition), "description"))}{Examples(Definition(kind.Definition))}")));
        foreach (var (path, group) in top)
        {
            WriteGroup(path, group);
        }
    }

    // A heading, what the group is for, its settings, and then the groups inside it.
    private void WriteGroup(string path, JsonElement group)
    {
        _blocks.Add($"{(path == Target || !path.Contains('.') ? "##" : "###")} {path}");
        if (Text(group, "description") is { Length: > 0 } description)
        {
            _blocks.Add(Prose(description));
        }

        foreach (var (below, inner) in Group(path, group))
        {
            WriteGroup(below, inner);
        }
    }

    // The table of a group's settings. Given back are the groups that it refers to: those of one kind once, as that of any name.
    private List<(string Path, JsonElement Group)> Group(string path, JsonElement group)
    {
        var inner = new List<(string, JsonElement)>();
        var kinds = Properties(group).Select(setting => Text(setting.Value, "$ref")).CountBy(reference => reference).ToDictionary();
        List<string> rows = ["| setting | value | default | meaning |", "|---|---|---|---|"];
        foreach (var setting in Properties(group))
        {
            var shared = Text(setting.Value, "$ref") is { Length: > 0 } reference && kinds[reference] > 1;
            var below = Below(path, shared ? "NAME" : setting.Name);
            var (value, refersTo) = Value(setting.Value, below);
            inner.AddRange(refersTo.Where(found => !inner.Exists(known => known.Item1 == found.Path)));
            rows.Add($"| `{setting.Name}`{(IsRequired(group, setting.Name) ? ", required" : "")} | {value} | {Default(setting.Value)} | {Meaning(setting.Value)} |");
        }

        _blocks.Add(string.Join('\n', rows));
        return inner;
    }

    // What a setting takes, in words, and the groups that it is made of.
    private (string Shown, IReadOnlyList<(string Path, JsonElement Group)> Groups) Value(JsonElement setting, string path)
    {
        if (Kinds.FirstOrDefault(kind => Text(setting, "$ref") == $"#/definitions/{kind.Definition}").Shown is { } kind)
        {
            return (kind, []);
        }

        var followed = Followed(setting);
        if (Named(followed) is { } named)
        {
            var (shown, groups) = Value(named, Below(path, "NAME"));
            return ($"by name: {shown}", groups);
        }

        return Text(followed, "type") switch
        {
            "array" => Value(followed.GetProperty("items"), $"{path}[]") is var (shown, groups) ? ($"list: {shown}", groups) : default,
            "object" => ($"[group](#{Anchor(path)})", [(path, followed)]),
            "integer" => ($"whole number{Range(followed)}", []),
            "number" => ($"number{Range(followed)}", []),
            "boolean" => ("`true` or `false`", []),
            _ when followed.TryGetProperty("enum", out var values) => (string.Join(", ", values.EnumerateArray().Select(value => $"`{value}`")), []),
            _ => ("text", []),
        };
    }

    // Where the writer of the file chooses the names, what stands under each of them.
    private static JsonElement? Named(JsonElement group) =>
        group.TryGetProperty("properties", out _) ? null
        : group.TryGetProperty("patternProperties", out var patterns) ? patterns.EnumerateObject().Single().Value
        : group.TryGetProperty("additionalProperties", out var any) && any.ValueKind == JsonValueKind.Object ? any
        : null;

    private static string Range(JsonElement setting) =>
        (Text(setting, "minimum"), Text(setting, "maximum")) is ({ Length: > 0 } least, { Length: > 0 } most) ? $", {least} to {most}" : "";

    private static string Default(JsonElement setting) => !setting.TryGetProperty("default", out var value) ? "" : value.GetRawText() switch
    {
        "[]" or "{}" => "none",
        "\"\"" => "empty",
        var text => $"`{(value.ValueKind == JsonValueKind.String ? value.GetString() : text)}`",
    };

    private string Meaning(JsonElement setting)
    {
        var followed = Followed(setting);
        var description = Prose(Text(setting, "description") is { Length: > 0 } own ? own : Text(followed, "description"));
        return setting.TryGetProperty("default", out _) ? description : $"{description}{Examples(setting)}";
    }

    private static string Examples(JsonElement setting) => setting.TryGetProperty("examples", out var examples)
        ? $" For example {string.Join(", ", examples.EnumerateArray().Select(example => $"`{(example.ValueKind == JsonValueKind.String ? example.GetString() : example.GetRawText())}`"))}."
        : "";

    private static IReadOnlyList<(string Definition, string Shown)> Kinds { get; } = [("secret", "secret"), ("duration", "duration"), ("size", "size"), ("address", "address")];

    private static string Below(string path, string name) => path switch
    {
        // What every target has needs no way to it.
        "" or Target => name,
        _ => $"{path}.{name}",
    };

    // As the repository's web page makes it of a heading.
    private static string Anchor(string heading) => string.Concat(heading.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_'));

    private static string Prose(string text) => new Paragraph([new TextRun(text)]).Markdown.Replace("|", "\\|", StringComparison.Ordinal);

    private static bool IsRequired(JsonElement group, string name) =>
        group.TryGetProperty("required", out var required) && required.EnumerateArray().Any(item => item.GetString() == name);

    private static JsonElement.ObjectEnumerator Properties(JsonElement group) =>
        group.TryGetProperty("properties", out var properties) ? properties.EnumerateObject() : default;

    private JsonElement Followed(JsonElement setting) =>
        Text(setting, "$ref") is { Length: > 0 } reference ? Definition(reference.Split('/')[^1]) : setting;

    private JsonElement Definition(string name) => _schema.GetProperty("definitions").GetProperty(name);

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : "";
}
