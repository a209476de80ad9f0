using System.Text.RegularExpressions;
using Maintenance.Engine.Security.Scan.Json;
using Maintenance.Engine.Security.Scan.Sarif;

namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>
/// secretlint. Its JSON holds every file it read, whole: that, and its own words, are passed over. Where a project brings no configuration, it is told to use the
/// recommended rules.
/// </summary>
/// <param name="isNamed">Somebody asked for it: then it reads any folder or file.</param>
internal sealed partial class SecretlintScanner(bool isNamed = false) : Scanner
{
    private const string Preset = "@secretlint/secretlint-rule-preset-recommend";

    private const string Configuration = "secretlintrc.json";

    private static readonly string[] Configurations =
    [
        ".secretlintrc", ".secretlintrc.json", ".secretlintrc.yml", ".secretlintrc.yaml", ".secretlintrc.js", ".secretlintrc.cjs", ".secretlintrc.mjs",
    ];

    public override string Name => "secretlint";

    public override ScanKind Kind => ScanKind.Secrets;

    public override string Program => "secretlint";

    /// <summary>Folders that it is part of, or whose programs come from where it does.</summary>
    public override bool AppliesTo(string path) => isNamed || File.Exists(Path.Combine(path, "package.json")) || HasConfiguration(path);

    public override Scanner For(ScanQuery query) => query.Scanners is null ? this : new SecretlintScanner(isNamed: true);

    public override ScanCommand Command(string path, string resultFile)
    {
        var own = HasConfiguration(path);
        return new ScanCommand(
        [
            "--format", "json", "--maskSecrets", "--no-color",
            .. own ? Array.Empty<string>() : ["--secretlintrc", Path.Combine(Path.GetDirectoryName(resultFile)!, Configuration)],
            Directory.Exists(path) ? "**/*" : Literal(Path.GetFileName(path)),
        ])
        {
            Files = own ? new Dictionary<string, string>() : new() { [Configuration] = $$"""{"rules":[{"id":"{{Preset}}"}]}""" },
        };
    }

    public override bool Recognises(string beginning) =>
        (beginning.Contains("\"filePath\"", StringComparison.Ordinal) && beginning.Contains("\"sourceContent", StringComparison.Ordinal))
        || (SarifFile.Recognises(beginning) && beginning.Contains("\"secretlint\"", StringComparison.OrdinalIgnoreCase));

    public override string LooksFor => "package.json or .secretlintrc";

    public override ScanReading Read(Stream result, ScanEnd? end, string path)
    {
        var reading = end is { ExitCode: not 0 and not 1 }
            ? ScanReading.Failed($"it ended with exit code {end.ExitCode}: {ScanText.Clean(end.Errors)}", Advice(end.Errors))
            : ReadReport(result, path);
        return (end?.ExitCode, reading) switch
        {
            (not null, { Problem: null }) when NoRules(path) is { } configuration => reading with
            {
                Problem = $"its configuration in the project, {configuration}, has no rule", Recommendation = $"Give it rules, such as {Preset}, or remove the file: then those are used.",
            },
            (0, { Problem: null, Flaws.Count: 0, Examined: 0 }) => reading with { Problem = "it read no file", Recommendation = "Look into .secretlintignore." },
            (1, { Problem: null, Flaws.Count: 0 }) => reading with { Problem = "it ended as if it had found something, and its report names nothing" },
            _ => reading,
        };
    }

    private static string Advice(string errors) =>
        errors.Contains("Not found target files", StringComparison.Ordinal) ? "There is no file for it to read: look into .secretlintignore, or leave it out with -Scanner."
        : errors.Contains(Preset, StringComparison.Ordinal) || errors.Contains("Failed to load", StringComparison.Ordinal) ? $"Install its rules beside it: npm install --global secretlint {Preset}"
        : "Run secretlint by hand in this folder to see what is wrong.";

    private static ScanReading ReadReport(Stream result, string path)
    {
        using var peeked = new PeekedStream(result);
        if (peeked.FirstCharacter == '{')
        {
            return SarifFile.Read(peeked, ScanKind.Secrets, path);
        }

        try
        {
            using var walk = new JsonWalk(peeked);
            walk.Begin();
            if (!walk.IsArray)
            {
                throw new InvalidDataException("it is no report of secretlint");
            }

            var (files, flaws) = (0L, new FlawList());
            foreach (var _ in walk.Items())
            {
                ReadFile(walk, path, flaws);
                files++;
            }

            walk.End();
            return flaws.ToReading() with { Examined = files };
        }
        catch (InvalidDataException exception)
        {
            return ScanReading.Failed($"its report cannot be read: {exception.Message}", "Let secretlint write its report again: secretlint --format json \"**/*\" > report.json");
        }
    }

    private static void ReadFile(JsonWalk walk, string path, FlawList flaws)
    {
        string? file = null;
        var told = false;
        var found = new List<(string? Rule, string? Message, int? Line, string? Severity)>();
        foreach (var name in walk.Properties())
        {
            if (name == "filePath")
            {
                file = walk.Text;
            }
            else if (name == "messages" && walk.IsArray)
            {
                told = true;
                foreach (var _ in walk.Items())
                {
                    var message = ReadMessage(walk);
                    if (found.Count < FlawList.Most)
                    {
                        found.Add(message);
                    }
                }
            }
        }

        if (file is null || !told)
        {
            throw new InvalidDataException("an entry names no file, or does not say what was found in it");
        }

        var where = ScanPath.Below(file, path);
        foreach (var (rule, message, line, severity) in found)
        {
            // SARIF tells the rule alone: the identity is made of what both forms have.
            var own = ScanText.Clean(SecretFlaws.ShortRule(rule ?? "without a name"), 100);
            var id = own + (message is null ? "" : $"/{ScanText.Clean(message, 60)}");
            flaws.Add(new ScanFlaw(where, SecretFlaws.Message("secretlint", id, where, line), SeverityOf(severity), SecretFlaws.Identity(own, where, null))
            {
                Evidence = new Dictionary<string, object?> { ["Rule"] = id, ["Line"] = line },
                Recommendation = SecretFlaws.Recommendation,
                Mappings = SecretFlaws.Mappings,
            });
        }
    }

    private static FindingSeverity SeverityOf(string? severity) => severity switch
    {
        "info" => FindingSeverity.Low,
        "warning" => FindingSeverity.Medium,
        _ => FindingSeverity.High,
    };

    private static (string? Rule, string? Message, int? Line, string? Severity) ReadMessage(JsonWalk walk)
    {
        string? rule = null, message = null, severity = null;
        int? line = null;
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "ruleId":
                    rule = walk.Text;
                    break;
                case "messageId":
                    message = walk.Text;
                    break;
                case "severity":
                    severity = walk.Text;
                    break;
                case "loc":
                    foreach (var part in walk.Properties())
                    {
                        if (part == "start")
                        {
                            line = int.TryParse(walk.TextOf("line"), out var number) ? number : null;
                        }
                    }

                    break;
                default:
                    break;
            }
        }

        return (rule, message, line, severity);
    }

    private static bool HasConfiguration(string path) => Own(path) is not null;

    private static string? Own(string path) =>
        (Directory.Exists(path) ? path : Path.GetDirectoryName(path)) is { } folder ? Configurations.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) : null;

    // What a script decides is not known; what is written down is. A rule that is disabled is none.
    private static string? NoRules(string path)
    {
        if (Own(path) is not { } file || Path.GetExtension(file) is ".js" or ".cjs" or ".mjs")
        {
            return null;
        }

        try
        {
            return HasRule(file) ? null : Path.GetFileName(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool HasRule(string file)
    {
        var has = false;
        try
        {
            using var text = File.OpenRead(file);
            using var walk = new JsonWalk(text);
            walk.Begin();
            foreach (var _ in walk.Properties().Where(name => name == "rules").SelectMany(_ => walk.Items()))
            {
                var isOn = walk.IsObject;
                foreach (var part in walk.Properties())
                {
                    isOn &= part != "disabled" || walk.Flag != true;
                }

                has |= isOn;
            }

            walk.End();
            return has;
        }
        catch (InvalidDataException)
        {
            // YAML, or JSON with comments: each rule has an id.
            return RuleId().IsMatch(File.ReadAllText(file));
        }
    }

    [GeneratedRegex(@"\bid[""']?\s*:")]
    private static partial Regex RuleId();

    // It takes patterns; a file's name is none.
    private static string Literal(string name) => string.Concat(name.Select(character => "\\*?[]{}()!+@|".Contains(character, StringComparison.Ordinal) ? $"\\{character}" : $"{character}"));
}
