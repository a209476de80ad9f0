using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Has a scanner look for flaws in source code, or reads what any scanner wrote as SARIF.</summary>
/// <remarks>
/// <para>Use it in audits and in pipelines, so that what scanners find is kept beside the rest, with the same severities and the same life cycle. Each
/// finding (CODE-FLAW) names the scanner, its rule, the file and the line, and the weakness (CWE) where the rule says one; no code is shown.</para>
/// <para>semgrep is run where -ResultPath is not given. Without -Config it takes the rules of the folder (.semgrep.yml or .semgrep), else p/default of its registry, which needs a way to
/// semgrep.dev. No measurements of its use are sent, unless you ask for -Config auto, which demands them. It looks at the files that git tracks, less those in .semgrepignore.</para>
/// <para>A scanner that is not installed, fails, cannot parse a file or cannot get its rules gives a finding with outcome Unknown and the reason, beside what it found all the same. One that
/// ran to its end and found nothing gives one with outcome Pass. SARIF is version 2.1.0, of any size; a run in it that says that it failed, or that tells no list of results, is Unknown.</para>
/// <para>Privileges: reading the files; no target and no database is needed. It changes nothing: no fix is applied.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">600 for each scanner</default>
/// <example>
/// <code>Invoke-CodeScan ./app</code>
/// <para>Runs semgrep over a folder with its own rules or the default ones.</para>
/// </example>
/// <example>
/// <code>Invoke-CodeScan ./app -Config p/javascript, ./rules.yml -MinimumSeverity High</code>
/// <para>Runs it with a set of rules from its registry and with rules of your own, and shows what cannot wait.</para>
/// </example>
/// <example>
/// <code>Invoke-CodeScan ./app -ResultPath ./codeql.sarif</code>
/// <para>Reads what another scanner wrote in a pipeline.</para>
/// </example>
/// <example>
/// <code>Get-ChildItem ./results -Filter *.sarif | ForEach-Object { Invoke-CodeScan ./app -ResultPath $_.FullName } | Where-Object Status -ne Ok</code>
/// <para>Reads several, and shows what is wrong and what could not be told.</para>
/// </example>
/// <seealso cref="FindSecretCommand"/>
/// <seealso href="https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html">SARIF 2.1.0</seealso>
[Cmdlet(VerbsLifecycle.Invoke, "CodeScan")]
[OutputType(typeof(Finding))]
public sealed class InvokeCodeScanCommand : ScanCmdlet
{
    /// <summary>Rules for semgrep: files or folders of rules, or names in its registry such as p/javascript. Default: those of the folder, else p/default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Config { get; set; }

    /// <inheritdoc/>
    internal override ScanKind Kind => ScanKind.Code;

    /// <inheritdoc/>
    // What is a file here must be one where the scanner runs, which is elsewhere.
    internal override IReadOnlyList<string>? Rules =>
        Config?.Select(rule => !rule.Contains("://", StringComparison.Ordinal) && ResolvePath(rule) is var path && System.IO.Path.Exists(path) ? path : rule).ToArray();
}
