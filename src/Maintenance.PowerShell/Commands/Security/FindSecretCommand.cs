using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Finds secrets in source code: keys, tokens, passwords and connection strings, in files and in what git keeps of them.</summary>
/// <remarks>
/// <para>Use it before a push, in pipelines, and in audits. Each finding (SECRET-FOUND) names the scanner, its rule, the file and the line. No secret is shown anywhere, not
/// even in part: it is left out before any object exists, also where a scanner wrote it into its report. Names and addresses of those who made a commit are left out too.</para>
/// <para>Two scanners are part of this module and need nothing installed: maintenance reads the files as they are now, and maintenance-history, where the folder is a git repository
/// or lies in one, every version of every file that git keeps of it. gitleaks runs over commits, or over the files where there are none; secretlint where there is a package.json or a
/// configuration of it. Where these are not installed, the result of our own says that they did not look; one that -Scanner names must run. What a scanner could not look at (it was named
/// and is not installed, it failed, a file could not be read, a history is shallow) is a finding with outcome Unknown beside those it has, and never nothing found. One that found nothing
/// gives a finding with outcome Pass.</para>
/// <para>Nothing of the files leaves this machine. A project's own configuration of secretlint names modules
/// that are run: name the scanners with -Scanner for sources that you do not trust.</para>
/// <para>Privileges: reading the files; no target and no database is needed. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">600 for each scanner</default>
/// <example>
/// <code>Find-Secret</code>
/// <para>Looks through the current folder with every scanner that fits.</para>
/// </example>
/// <example>
/// <code>Find-Secret ./app -Scanner maintenance, maintenance-history</code>
/// <para>Looks through the files and the history of a repository with what this module brings.</para>
/// </example>
/// <example>
/// <code>Get-ChildItem ./repositories -Directory | Find-Secret -MinimumSeverity High | Where-Object Outcome -eq Fail</code>
/// <para>Looks through several repositories, and shows what cannot wait.</para>
/// </example>
/// <example>
/// <code>Find-Secret ./app -ResultPath ./gitleaks-report.json</code>
/// <para>Reads what gitleaks wrote in a pipeline, be it redacted there or not.</para>
/// </example>
/// <example>
/// <code>if (Find-Secret -Scanner maintenance | Where-Object Status -ne Ok) { exit 1 }</code>
/// <para>In the script of a pipeline: ends it where there is a secret, and where it could not be told.</para>
/// </example>
/// <seealso cref="InvokeCodeScanCommand"/>
[Cmdlet(VerbsCommon.Find, "Secret")]
[OutputType(typeof(Finding))]
public sealed class FindSecretCommand : ScanCmdlet
{
    /// <inheritdoc/>
    internal override ScanKind Kind => ScanKind.Secrets;
}
