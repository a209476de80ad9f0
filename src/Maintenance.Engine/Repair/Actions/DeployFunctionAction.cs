using System.Formats.Tar;
using System.Text.RegularExpressions;
using Maintenance.Engine.Configuration;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>
/// Deploys an edge function again, from the one revision that the configuration names. What is deployed is what git has kept of that
/// revision, taken out of it for this purpose: never what happens to lie in a working folder, which may be the cause of the errors.
/// </summary>
/// <param name="functions">Asks how many errors there are.</param>
/// <param name="find">Finds the full path of a program.</param>
/// <param name="time">The clock.</param>
internal sealed partial class DeployFunctionAction(FunctionService functions, Func<string, string> find, TimeProvider time) : IRemedyAction
{
    private const string Cli = "supabase";
    private const string TokenVariable = "SUPABASE_ACCESS_TOKEN";

    private static readonly TimeSpan GitTimeout = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, string> HarmlessGit = new()
    {
        ["GIT_NO_LAZY_FETCH"] = "1",
        ["GIT_OPTIONAL_LOCKS"] = "0",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_NO_REPLACE_OBJECTS"] = "1",
    };

    private readonly FunctionMeasures _measures = new(functions);

    public IReadOnlyList<string> Kinds { get; } = ["DeployFunction"];

    public RemedyRisk LeastRisk => RemedyRisk.High;

    public RemedyRisk Impact => RemedyRisk.High;

    public bool IsImmediate => false;

    public async Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken) => await _measures.ErrorRateAsync(context, cancellationToken);

    public async Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var (settings, name) = (Settings(context), Name(context));
        _ = find(Cli);
        await CheckSourceAsync(settings, name, cancellationToken);
        return new RemedySteps([new RepairStep(RepairText.Of(Issues.IssueRemedies.DeployCommand(name, settings)), new Dictionary<string, string> { ["name"] = name, ["revision"] = settings.Revision })]);
    }

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        var (settings, name) = (Settings(context), Name(context));
        await CheckSourceAsync(settings, name, cancellationToken);
        if (RepairText.Of(Issues.IssueRemedies.DeployCommand(name, settings)) != steps[0].Command)
        {
            throw Refused("What would be deployed now is not what was confirmed.", "Look again: -WhatIf shows what would be done now.");
        }

        var token = settings.AccessToken is { } reference ? await Secrets.ReadAsync(reference, context.Call.Secrets, cancellationToken) : "";
        var folder = Path.Combine(Path.GetTempPath(), $"maintenance-deploy-{Guid.NewGuid():N}");
        try
        {
            PrivateFiles.CreateFolder(folder);
            await ExtractAsync(settings, folder, cancellationToken);
            var environment = token.Length > 0 ? new Dictionary<string, string> { [TokenVariable] = token } : [];
            var result = await RemedyProgram.RunAsync(find(Cli), Arguments(settings, name), folder, environment, settings.Timeout, time, cancellationToken);
            return Judge(name, settings, result, RemedyProgram.Told(result, token));
        }
        finally
        {
            Delete(folder);
        }
    }

    /// <summary>What the CLI has done, by its exit code and its words together. Pure.</summary>
    /// <param name="name">The function.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="told">Its last words, fit to be shown.</param>
    /// <exception cref="MaintenanceException">It has not deployed the function, or does not say so.</exception>
    internal static string Judge(string name, FunctionDeployment settings, ProgramResult result, string told)
    {
        if (result.ExitCode != 0)
        {
            throw Failed($"The Supabase CLI failed to deploy {name}, {told}");
        }

        var lines = result.Output.Split('\n').Select(line => RepairText.Of(line, 1000)).ToList();
        var word = new Regex($"(?<![A-Za-z0-9_-]){Regex.Escape(name)}(?![A-Za-z0-9_-])", RegexOptions.CultureInvariant);
        bool Says(string what) => lines.Exists(line => line.Contains(what, StringComparison.OrdinalIgnoreCase) && word.IsMatch(line));
        if (Says("No change found in Function"))
        {
            return $"The Supabase CLI found {name} deployed as it is in revision {settings.Revision[..12]}, and changed nothing";
        }

        return Says("Deployed Function")
            ? $"{name} was deployed from revision {settings.Revision[..12]}"
            : throw Failed($"The Supabase CLI ended without an error, but does not say that it has deployed {name}, {told}");
    }

    private static FunctionDeployment Settings(RepairContext context) => context.Target.Repair.FunctionDeployment is not { } settings
        ? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"Deploying functions is not enabled for '{context.Target.Name}'.",
            "Name a source folder and the revision that may be deployed: repair.functionDeployment in maintenance.json.")
        : !Revision().IsMatch(settings.Revision) ? throw Refused($"'{RepairText.Of(settings.Revision, 60)}' names no commit in full.", "Set repair.functionDeployment.revision to its 40 hexadecimal digits.")
        : !Reference().IsMatch(settings.ProjectRef) ? throw Refused($"'{RepairText.Of(settings.ProjectRef, 60)}' is no reference of a Supabase project.", "Set repair.functionDeployment.projectRef.")
        : settings;

    // It becomes an argument and a folder's name.
    private static string Name(RepairContext context) => context.Remedy.Needed("name") is var name && FunctionName().IsMatch(name) ? name : throw context.Remedy.Invalid("name");

    private static IReadOnlyList<string> Arguments(FunctionDeployment settings, string name) => ["functions", "deploy", name, "--project-ref", settings.ProjectRef];

    private async Task CheckSourceAsync(FunctionDeployment settings, string name, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(settings.Source))
        {
            throw Refused($"There is no folder {settings.Source}.", "Set repair.functionDeployment.source.");
        }

        var head = (await GitAsync(settings, cancellationToken, "rev-parse", "--verify", "HEAD^{commit}")).Trim();
        if (!head.Equals(settings.Revision, StringComparison.OrdinalIgnoreCase))
        {
            throw Refused($"{settings.Source} is at revision {RepairText.Of(head, 40)}, and only {settings.Revision} may be deployed.", "Check the revision out, or change repair.functionDeployment.revision.");
        }

        var changes = (await GitAsync(settings, cancellationToken, "status", "--porcelain=v1", "--untracked-files=all", "--ignore-submodules=none")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (changes.Length > 0)
        {
            throw Refused($"{settings.Source} has changes that are not committed ({RepairText.Of(changes[0], 100)}): somebody works there.", "Commit or undo them.");
        }

        if ((await GitAsync(settings, cancellationToken, "ls-tree", "--name-only", settings.Revision, $"./supabase/functions/{name}/")).Length == 0)
        {
            throw Refused($"Revision {settings.Revision[..12]} has no function {name} in supabase/functions.", "See whether the component is named as its function.");
        }
    }

    private async Task<string> GitAsync(FunctionDeployment settings, CancellationToken cancellationToken, params string[] arguments)
    {
        var result = await RemedyProgram.RunAsync(find("git"), ["--no-pager", .. arguments], settings.Source, HarmlessGit, GitTimeout, time, cancellationToken);
        return result.ExitCode == 0 ? result.Output.TrimEnd('\n') : throw Refused($"git cannot read {settings.Source}, {RemedyProgram.Told(result)}", "repair.functionDeployment.source must be a folder of a git repository.");
    }

    private async Task ExtractAsync(FunctionDeployment settings, string folder, CancellationToken cancellationToken)
    {
        var archive = Path.Combine(folder, "source.tar");
        var result = await RemedyProgram.RunAsync(
            find("git"), ["--no-pager", "archive", "--format=tar", $"--output={archive}", settings.Revision, "supabase"], settings.Source, HarmlessGit, GitTimeout, time, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw Refused($"git cannot take revision {settings.Revision[..12]} out of {settings.Source}, {RemedyProgram.Told(result)}", "Look at the repository.");
        }

        await TarFile.ExtractToDirectoryAsync(archive, folder, overwriteFiles: false, cancellationToken);
        File.Delete(archive);
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only this user can read it, and the temporary folder is swept.
        }
    }

    private static MaintenanceException Refused(string message, string recommendation) => new(MaintenanceErrorCode.RemedyRefused, message, recommendation);

    private static MaintenanceException Failed(string message) => new(MaintenanceErrorCode.RemedyRefused, message, "See what the CLI says; deploy by hand if it must be.");

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex FunctionName();

    [GeneratedRegex(@"\A[0-9a-fA-F]{40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Revision();

    [GeneratedRegex(@"\A[a-z0-9]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
