using System.Management.Automation;
using System.Text.RegularExpressions;
using Maintenance.ModuleTests.Help;

namespace Maintenance.ModuleTests.Docs;

/// <summary>Finds what a document names and the repository does not have.</summary>
internal sealed partial class DocumentCheck(RepositoryFacts facts)
{
    // Cmdlets that texts may name and that neither this module nor PowerShell itself brings.
    private static readonly string[] OfOtherModules =
        ["Connect-AzAccount", "Install-PSResource", "Publish-PSResource", "Register-PSResourceRepository", "Set-Secret", "Get-Secret", "Register-SecretVault", "Set-SecretVaultDefault"];

    // Words of other programs, and made-up ones, that stand nowhere in the source.
    private static readonly string[] OfOthers = ["AZURE_AUTHORITY_HOST", "log_min_duration_statement", "nosemgrep", "pg_upgrade", "xxxxxxxx"];

    // What every cmdlet has that changes something or is about targets, and the options of the host and of pwsh, which look like parameters.
    private static readonly string[] OfNoCmdletAlone = [.. Cmdlet.CommonParameters, "WhatIf", "Confirm", "Target", "Command", "File", "NonInteractive", "NoProfile"];

    /// <summary>All faults of a document, with file and line.</summary>
    public IReadOnlyList<string> Faults(Document document) =>
    [
        .. ((IEnumerable<(int Line, string Fault)>)
            [.. Names(document), .. Commands(document), .. Parameters(document), .. Links(document), .. Paths(document), .. Words(document), .. Settings(document), .. Ids(document), .. Benchmarks(document)])
        .Distinct().OrderBy(found => found.Line).Select(found => $"{document.Path}:{found.Line}: {found.Fault}")
    ];

    // Names of cmdlets and environment variables, wherever they stand.
    private IEnumerable<(int, string)> Names(Document document) =>
    [
        .. from match in CmdletName().Matches(document.Text)
           let name = match.Value
           where facts.IsVerb(name[..name.IndexOf('-')]) && !Exists(name) && !Functions(document.Text).Contains(name)
           select (document.LineOf(match.Index), $"There is no {name}."),
        .. from match in Variable().Matches(document.Text)
           where !facts.HasWord(match.Value)
           select (document.LineOf(match.Index), $"Nothing reads {match.Value}."),
    ];

    // What can be run: it parses, and has the parameters that it uses.
    private IEnumerable<(int, string)> Commands(Document document)
    {
        var runnable = document.Blocks.Where(block => block.Language is "powershell" && !IsSyntax(block))
            .Concat(document.Spans.Where(span => StartsWithCmdlet().Match(span.Text) is { Success: true } start && Exists(start.Groups[1].Value)))
            .Concat(document.Blocks.SelectMany(GivenToTheHost));
        return
        [
            .. from piece in runnable from fault in Faults(piece.Text) select (piece.Line, fault),
            .. from piece in document.Blocks
               where piece.Language == "words"
               from fault in Faults(piece.Text)
               where fault.Contains(" has no -", StringComparison.Ordinal)
               select (piece.Line, fault),
        ];
    }

    // The notation of Get-Help, which is no command.
    private static bool IsSyntax(Piece block) => block.Text.Contains("[<CommonParameters>]", StringComparison.Ordinal);

    private IEnumerable<string> Faults(string code) => HelpText.Faults(code, name => facts.Command(name), [.. OfOtherModules, .. Functions(code)]);

    // What a shell hands to the host: between double quotes it would replace what begins with a dollar sign, on systems where most people are.
    private static IEnumerable<Piece> GivenToTheHost(Piece block) =>
        from match in HostCommand().Matches(block.Text)
        let quoted = match.Groups[2].Value
        select new Piece(
            match.Groups[1].Value == "\"" ? ShellVariable().Replace(quoted, "") : quoted,
            block.Line + block.Text.AsSpan(0, match.Index).Count('\n'));

    // A parameter by itself, as in "with -Apply": some cmdlet that the document names has it.
    private IEnumerable<(int, string)> Parameters(Document document)
    {
        var named = CmdletName().Matches(document.Text).Select(match => match.Value).Distinct().Select(facts.Command).OfType<CommandInfo>().ToList();
        return from span in document.Spans
               let match = LoneParameter().Match(span.Text)
               where match.Success
               let name = match.Groups[1].Value
               where !OfNoCmdletAlone.Contains(name) && !named.Exists(command => command.Parameters.ContainsKey(name))
               select (span.Line, facts.Exported.Any(command => command.Parameters.ContainsKey(name))
                   ? $"No cmdlet that is named here has -{name}."
                   : $"No cmdlet has -{name}.");
    }

    private IEnumerable<(int, string)> Links(Document document)
    {
        foreach (var link in document.Links.Where(link => !link.Text.Contains("://", StringComparison.Ordinal) && !link.Text.StartsWith("mailto:", StringComparison.Ordinal)))
        {
            var (path, anchor) = link.Text.IndexOf('#') is >= 0 and var mark ? (link.Text[..mark], link.Text[(mark + 1)..]) : (link.Text, null);
            var target = path.Length == 0 ? document.Path : Below(document.Path, path);
            if (path.Length > 0 && !File.Exists(Path.Combine(facts.Root, target)) && !Directory.Exists(Path.Combine(facts.Root, target)))
            {
                yield return (link.Line, $"The link {link.Text} leads nowhere.");
            }
            else if (anchor is not null && !(path.Length == 0 ? document : Document.Read(target, facts.Read(target))).Anchors.Contains(anchor))
            {
                yield return (link.Line, $"The link {link.Text} leads to no heading.");
            }
        }
    }

    private string Below(string document, string path) => Path.GetRelativePath(
        facts.Root, Path.GetFullPath(Path.Combine(facts.Root, Path.GetDirectoryName(document)!, Uri.UnescapeDataString(path)))).Replace('\\', '/');

    private IEnumerable<(int, string)> Paths(Document document) =>
    [
        .. from match in RootPath().Matches(document.Text)
           where !facts.HasPath(match.Value)
           select (document.LineOf(match.Index), $"There is no {match.Value}."),
        .. from span in document.Spans
           let path = span.Text
           where PathSpan().IsMatch(path) && facts.IsOurs(path) ? !facts.HasPath(path) : SourceFileSpan().IsMatch(path) && !facts.HasFileNamed(path)
           select (span.Line, $"There is no {path}."),
    ];

    // One word as code, but for one in capitals, which may be a placeholder, is a name of something: a property, a value, a column, an error. All of them stand in the source.
    private IEnumerable<(int, string)> Words(Document document) =>
        from span in document.Spans
        where WordSpan().IsMatch(span.Text) && !facts.HasWord(span.Text) && !OfOthers.Contains(span.Text)
        select (span.Line, $"The source does not know {span.Text}.");

    private IEnumerable<(int, string)> Settings(Document document) =>
        from span in document.Spans
        let match = SettingSpan().Match(span.Text)
        where match.Success
        let path = match.Groups[1].Value.Replace("[]", "", StringComparison.Ordinal).Split('.')
        where facts.IsSettingGroup(path[0]) && !facts.HasSetting(path)
        select (span.Line, $"There is no setting {match.Groups[1].Value}.");

    private IEnumerable<(int, string)> Ids(Document document) =>
        from match in IdName().Matches(document.Text)
        where facts.IsIdOfOurs(match.Value) && !facts.HasId(match.Value)
        select (document.LineOf(match.Index), $"Nothing is called {match.Value}.");

    private IEnumerable<(int, string)> Benchmarks(Document document) =>
        from match in BenchmarkRun().Matches(document.Text)
        from name in match.Groups[1].Value.Split([' ', ',', '#'], StringSplitOptions.RemoveEmptyEntries)
        where name is not ("and" or "all") && !facts.Benchmarks.Contains(name)
        select (document.LineOf(match.Index), $"There is no benchmark {name}.");

    // What a script defines for itself.
    private static IEnumerable<string> Functions(string text) => FunctionName().Matches(text).Select(match => match.Groups[1].Value);

    private bool Exists(string name) => facts.Command(name) is not null || OfOtherModules.Contains(name);

    // The name of a script is not that of a cmdlet.
    [GeneratedRegex(@"(?<![\w-])[A-Z][a-z]+-[A-Z][A-Za-z]+\b(?!\.ps1)")]
    private static partial Regex CmdletName();

    [GeneratedRegex(@"\bfunction ([A-Z][a-z]+-[A-Za-z]+)\b")]
    private static partial Regex FunctionName();

    [GeneratedRegex(@"\bMAINTENANCE_[A-Z_]*[A-Z]\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\(?([A-Z][a-z]+-[A-Z][A-Za-z]+)[\s)|]")]
    private static partial Regex StartsWithCmdlet();

    [GeneratedRegex(@"src/Maintenance\.Host -- -Command ([""'])(.*?)\1")]
    private static partial Regex HostCommand();

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex ShellVariable();

    [GeneratedRegex(@"^-([A-Z][a-z]{2,}[A-Za-z]*)(?= |$)")]
    private static partial Regex LoneParameter();

    [GeneratedRegex(@"(?<![\w/.\\-]|\]\()(?:src|tests|docs|module|\.ci)/[\w./*-]*[\w*]")]
    private static partial Regex RootPath();

    [GeneratedRegex(@"^[\w./*-]+/[\w./*@-]*$")]
    private static partial Regex PathSpan();

    [GeneratedRegex(@"^[\w.-]+\.(?:cs|csproj|targets|props|sln|ps1|psd1|ps1xml)$")]
    private static partial Regex SourceFileSpan();

    [GeneratedRegex(@"^(?![A-Z0-9]+$)[A-Za-z_]\w+$")]
    private static partial Regex WordSpan();

    [GeneratedRegex(@"^(?!.*\.(?:html|json|log|md)$)([a-z][A-Za-z]*(?:\[\])?(?:\.\w+(?:\[\])?)+)(?:: \w+)?$")]
    private static partial Regex SettingSpan();

    [GeneratedRegex(@"(?<![\w-])[A-Z]{2,}(?:-[A-Z0-9]+)*-(?:[A-Z0-9]+|\*|…)(?![\w-])")]
    private static partial Regex IdName();

    [GeneratedRegex(@"Maintenance\.Benchmarks -- ([a-z0-9-]+(?: +# and [a-z0-9, -]+)?)")]
    private static partial Regex BenchmarkRun();
}
