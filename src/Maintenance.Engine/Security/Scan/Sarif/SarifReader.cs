using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Sarif;

/// <summary>
/// Reads SARIF 2.1.0 as it comes, hundreds of megabytes of it: properties may stand in any order, so results are kept, small, until the rules are known. It judges nothing;
/// <see cref="SarifJudge"/> does.
/// </summary>
internal sealed class SarifReader(JsonWalk walk, bool hashesContext)
{
    /// <summary>How many results of a file are kept. More is no list that anybody reads, and is told.</summary>
    public const int MostResults = 20_000;

    private const int MostRules = 20_000;
    private const int MostArtifacts = 100_000;
    private const int MostProblems = 20;
    private const int MostParts = 1000;
    private const long MostCharacters = 32 * 1024 * 1024;

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private int _kept;
    private long _characters;

    /// <summary>Reads the whole of it.</summary>
    /// <returns>The runs in it.</returns>
    /// <exception cref="InvalidDataException">It is no SARIF, or not of this version; the message completes a sentence.</exception>
    public IReadOnlyList<SarifRun> Read()
    {
        List<SarifRun>? runs = null;
        string? version = null;
        walk.Begin();
        if (!walk.IsObject)
        {
            throw new InvalidDataException("it is no SARIF");
        }

        foreach (var name in walk.Properties())
        {
            if (name == "version")
            {
                version = walk.Text;
            }
            else if (name == "runs" && walk.IsArray)
            {
                runs = [.. walk.Items().Take(MostParts).Select(_ => ReadRun())];
            }
        }

        walk.End();
        return version is null || runs is null ? throw new InvalidDataException("it is no SARIF")
            : version != "2.1.0" ? throw new InvalidDataException($"it is SARIF {ScanText.Clean(version, 20)}, and only 2.1.0 is understood")
            : runs.Count == 0 ? throw new InvalidDataException("it tells of no run")
            : runs;
    }

    private SarifRun ReadRun()
    {
        var run = new SarifRun();
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "tool":
                    ReadTool(run);
                    break;
                case "results" when walk.IsArray:
                    if (run.Results is not null)
                    {
                        Tell(run, "one of its runs has two lists of results");
                    }

                    run.Results ??= [];
                    ReadResults(run);
                    break;
                case "artifacts":
                    foreach (var _ in walk.Items())
                    {
                        ReadArtifact(run);
                    }

                    break;
                case "originalUriBaseIds":
                    foreach (var id in walk.Properties().Take(MostRules))
                    {
                        run.Bases[id] = ReadAddress().Address;
                    }

                    break;
                case "invocations":
                    foreach (var _ in walk.Items())
                    {
                        ReadInvocation(run);
                    }

                    break;
                case "externalPropertyFileReferences":
                    foreach (var part in walk.Properties())
                    {
                        if (part == "results" && walk.IsArray)
                        {
                            Tell(run, "its results lie in other files, which are not read");
                        }
                    }

                    break;
                default:
                    break;
            }
        }

        return run;
    }

    private void ReadTool(SarifRun run)
    {
        foreach (var name in walk.Properties())
        {
            if (name == "driver" && walk.IsObject)
            {
                run.Driver = ReadComponent();
            }
            else if (name == "extensions")
            {
                foreach (var _ in walk.Items().Take(MostParts))
                {
                    run.Extensions.Add(ReadComponent());
                }
            }
        }
    }

    private SarifComponent ReadComponent()
    {
        var component = new SarifComponent();
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "name":
                    component.Name = walk.Text;
                    break;
                case "semanticVersion":
                    component.Version = walk.Text ?? component.Version;
                    break;
                case "version":
                    component.Version ??= walk.Text;
                    break;
                case "rules":
                    foreach (var index in walk.Items())
                    {
                        // Rules are found by their place: one that is not kept leaves none.
                        if (index < MostRules)
                        {
                            component.Rules.Add(ReadRule());
                        }
                    }

                    break;
                default:
                    break;
            }
        }

        return component;
    }

    private SarifRule ReadRule()
    {
        var rule = new SarifRule();
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "id":
                    rule.Id = Known(walk.Text);
                    break;
                case "name":
                    rule.Name = Known(walk.Text);
                    break;
                case "shortDescription":
                    rule.Short = Known(walk.TextOf("text"));
                    break;
                case "fullDescription":
                    rule.Full = Known(walk.TextOf("text"));
                    break;
                case "helpUri":
                    rule.Help = Known(walk.Text);
                    break;
                case "defaultConfiguration":
                    rule.Level = Known(walk.TextOf("level"));
                    break;
                case "messageStrings":
                    foreach (var id in walk.Properties())
                    {
                        if (walk.TextOf("text") is { } text && rule.Messages.Count < 100)
                        {
                            rule.Messages[Known(id)!] = Known(text)!;
                        }
                    }

                    break;
                case "relationships":
                    foreach (var _ in walk.Items())
                    {
                        foreach (var part in walk.Properties())
                        {
                            if (part == "target")
                            {
                                ReadTaxon(rule.Weaknesses);
                            }
                        }
                    }

                    break;
                case "properties":
                    rule.Score = ReadProperties(rule.Weaknesses);
                    break;
                default:
                    break;
            }
        }

        return rule;
    }

    // Tools put the score and the weaknesses into bags whose content SARIF leaves to them.
    private double? ReadProperties(List<string> weaknesses)
    {
        double? score = null;
        foreach (var name in walk.Properties())
        {
            if (name == "security-severity")
            {
                score = walk.Number is >= 0 and <= 10 and var number ? number : null;
            }
            else if (name is "tags" or "cwe")
            {
                foreach (var tag in walk.Texts())
                {
                    Weaknesses.AddFrom(tag, weaknesses, anywhere: name == "cwe" || tag.Contains("cwe", StringComparison.OrdinalIgnoreCase));
                }
            }
        }

        return score;
    }

    private void ReadTaxon(List<string> weaknesses)
    {
        string? id = null, standard = null;
        foreach (var name in walk.Properties())
        {
            if (name == "id")
            {
                id = walk.Text;
            }
            else if (name == "toolComponent")
            {
                standard = walk.TextOf("name");
            }
        }

        if (id is not null && (standard?.Contains("CWE", StringComparison.OrdinalIgnoreCase) == true || id.StartsWith("CWE", StringComparison.OrdinalIgnoreCase)))
        {
            Weaknesses.AddFrom(id, weaknesses, anywhere: true);
        }
    }

    private void ReadResults(SarifRun run)
    {
        foreach (var _ in walk.Items())
        {
            if (!walk.IsObject)
            {
                Tell(run, "one of its results is none");
            }
            else if (_kept < MostResults)
            {
                _kept++;
                run.Results!.Add(ReadResult());
            }
            else
            {
                run.Dropped++;
            }
        }
    }

    private SarifResult ReadResult()
    {
        var result = new SarifResult();
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "ruleId":
                    result.RuleId ??= Known(walk.Text);
                    break;
                case "ruleIndex":
                    result.RuleIndex ??= walk.Count;
                    break;
                case "rule":
                    ReadRuleReference(result);
                    break;
                case "kind":
                    result.Kind = Known(walk.Text);
                    break;
                case "level":
                    result.Level = Known(walk.Text);
                    break;
                case "rank":
                    result.Rank = walk.Number is >= 0 and <= 100 and var rank ? rank : null;
                    break;
                case "message":
                    ReadMessage(result);
                    break;
                case "locations":
                    foreach (var index in walk.Items())
                    {
                        if (index == 0)
                        {
                            ReadLocation(result);
                        }
                    }

                    break;
                case "fingerprints":
                    result.Fingerprints = ReadFingerprints();
                    break;
                case "partialFingerprints":
                    result.PartialFingerprints = ReadFingerprints();
                    break;
                case "suppressions":
                    result.IsSuppressed = ReadSuppressions();
                    break;
                case "baselineState":
                    result.IsAbsent = walk.Text == "absent";
                    break;
                case "taxa":
                    foreach (var _ in walk.Items())
                    {
                        ReadTaxon(result.Weaknesses);
                    }

                    break;
                case "properties":
                    result.Score = ReadProperties(result.Weaknesses);
                    break;
                default:
                    break;
            }
        }

        return result;
    }

    private void ReadRuleReference(SarifResult result)
    {
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "id":
                    result.RuleId = Known(walk.Text) ?? result.RuleId;
                    break;
                case "index":
                    result.RuleIndex = walk.Count ?? result.RuleIndex;
                    break;
                case "toolComponent":
                    foreach (var part in walk.Properties())
                    {
                        if (part == "index")
                        {
                            result.Extension = walk.Count;
                        }
                        else if (part == "name")
                        {
                            result.ExtensionName = Known(walk.Text);
                        }
                    }

                    break;
                default:
                    break;
            }
        }
    }

    private void ReadMessage(SarifResult result)
    {
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "text":
                    result.Text = Known(walk.Text is { Length: > 1000 } text ? text[..1000] : walk.Text);
                    break;
                case "id":
                    result.MessageId = Known(walk.Text);
                    break;
                case "arguments":
                    result.Arguments = [.. walk.Texts(10).Select(text => Known(text.Length > 200 ? text[..200] : text)!)];
                    break;
                default:
                    break;
            }
        }
    }

    private void ReadLocation(SarifResult result)
    {
        foreach (var name in walk.Properties())
        {
            if (name == "physicalLocation")
            {
                foreach (var part in walk.Properties())
                {
                    switch (part)
                    {
                        case "artifactLocation":
                            var (address, index) = ReadAddress();
                            (result.Uri, result.UriBase, result.Artifact) = (Known(address.Uri), Known(address.Base), index);
                            break;
                        case "region":
                            ReadRegion(result, isRegion: true);
                            break;
                        case "contextRegion":
                            ReadRegion(result, isRegion: false);
                            break;
                        default:
                            break;
                    }
                }
            }
            else if (name == "logicalLocations")
            {
                foreach (var index in walk.Items())
                {
                    if (index == 0)
                    {
                        result.Logical = Known(walk.TextOf("fullyQualifiedName"));
                    }
                }
            }
        }
    }

    private void ReadRegion(SarifResult result, bool isRegion)
    {
        foreach (var name in walk.Properties())
        {
            if (name == "startLine" && isRegion)
            {
                result.Line = walk.Count;
            }
            else if (name == "snippet" && hashesContext && (isRegion || result.Context is null) && walk.TextOf("text") is { } snippet)
            {
                // Without its white space: indenting a line makes no other flaw of it.
                result.Context = FindingFingerprint.Of(string.Concat(snippet.Where(character => !char.IsWhiteSpace(character))));
            }
        }
    }

    private string? ReadFingerprints()
    {
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in walk.Properties())
        {
            // semgrep puts these words where a hash should be for those who have no account.
            if (walk.Text is { Length: > 0 } text && text != "requires login" && parts.Count < 20)
            {
                parts[name] = text;
            }
        }

        return parts.Count == 0 ? null : FindingFingerprint.Of([.. parts.SelectMany(part => new[] { part.Key, part.Value })]);
    }

    // Suppressed only if no word of it is still open or refused (SARIF 3.27.23).
    private bool ReadSuppressions()
    {
        var (any, open) = (false, false);
        foreach (var _ in walk.Items())
        {
            any |= walk.IsObject;
            open |= walk.TextOf("status") is "underReview" or "rejected";
        }

        return any && !open;
    }

    private void ReadArtifact(SarifRun run)
    {
        var address = default(SarifAddress);
        foreach (var name in walk.Properties())
        {
            if (name == "location")
            {
                address = ReadAddress().Address;
            }
        }

        if (run.Artifacts.Count < MostArtifacts)
        {
            run.Artifacts.Add(new SarifAddress(Known(address.Uri), Known(address.Base)));
        }
    }

    private (SarifAddress Address, int? Index) ReadAddress()
    {
        string? uri = null, baseId = null;
        int? index = null;
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "uri":
                    uri = walk.Text;
                    break;
                case "uriBaseId":
                    baseId = walk.Text;
                    break;
                case "index":
                    index = walk.Count;
                    break;
                default:
                    break;
            }
        }

        return (new SarifAddress(uri, baseId), index);
    }

    private void ReadInvocation(SarifRun run)
    {
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "executionSuccessful" when walk.Flag == false:
                    Tell(run, "it says itself that it did not end well");
                    break;
                case "toolExecutionNotifications" or "toolConfigurationNotifications":
                    foreach (var _ in walk.Items())
                    {
                        ReadNotification(run);
                    }

                    break;
                default:
                    break;
            }
        }
    }

    private void ReadNotification(SarifRun run)
    {
        string? level = null, text = null;
        foreach (var name in walk.Properties())
        {
            if (name == "level")
            {
                level = walk.Text;
            }
            else if (name == "message")
            {
                text = walk.TextOf("text");
            }
        }

        if (level == "error")
        {
            Tell(run, ScanText.Clean(text, 300) is { Length: > 0 } clean ? $"it tells of an error: {clean.TrimEnd('.')}" : "it tells of an error without words");
        }
    }

    private static void Tell(SarifRun run, string problem)
    {
        if (run.Problems.Count < MostProblems && !run.Problems.Contains(problem))
        {
            run.Problems.Add(problem);
        }
    }

    // The same few rules, files and words come again and again: each is kept once.
    private string? Known(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (!_known.TryGetValue(text, out var known))
        {
            _characters += text.Length;
            _known[text] = known = _characters <= MostCharacters ? text : throw new InvalidDataException("it holds more texts than can be kept");
        }

        return known;
    }
}
