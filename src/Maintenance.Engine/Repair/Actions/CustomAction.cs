using System.Text.RegularExpressions;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>Runs a program that the target's configuration has for a kind of finding. What the finding says decides nothing but what is put into its arguments.</summary>
internal sealed partial class CustomAction(TimeProvider time) : IRemedyAction
{
    internal const string Kind = "Custom";

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public RemedyRisk LeastRisk => RemedyRisk.Low;

    public RemedyRisk Impact => RemedyRisk.Low;

    public bool IsImmediate => false;

    /// <summary>The remedy that the configuration has for a finding; null if it has none.</summary>
    /// <param name="target">The target.</param>
    /// <param name="finding">The finding.</param>
    public static Remedy? RemedyFor(MaintenanceTarget target, Finding finding) => target.Repair.Remedies.FirstOrDefault(known => IsFor(known, finding)) is { } remedy
        ? new Remedy { Kind = Kind, Command = RemedyProgram.Show(remedy.Program, remedy.Arguments), Risk = remedy.Risk, Parameters = new Dictionary<string, string> { ["name"] = remedy.Name } }
        : null;

    public Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken) => Task.FromResult<IssueLook?>(null);

    public Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var remedy = Find(context);
        return Task.FromResult(new RemedySteps([new RepairStep(Show(remedy, context), new Dictionary<string, string> { ["name"] = remedy.Name })]));
    }

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        var remedy = Find(context);
        if (Show(remedy, context) != steps[0].Command)
        {
            throw new MaintenanceException(MaintenanceErrorCode.RemedyRefused, $"What '{remedy.Name}' would run now is not what was confirmed.", "Look again: -WhatIf shows what would be done now.");
        }

        var result = await RemedyProgram.RunAsync(
            RemedyProgram.Find(remedy.Program), Arguments(remedy, context), Path.GetTempPath(), new Dictionary<string, string>(), remedy.Timeout, time, cancellationToken);
        return result.ExitCode == 0
            ? $"'{remedy.Name}' ended with {RemedyProgram.Told(result)}"
            : throw new MaintenanceException(MaintenanceErrorCode.RemedyRefused, $"'{remedy.Name}' failed with {RemedyProgram.Told(result)}", "See what the program says.");
    }

    private static string Show(CustomRemedy remedy, RepairContext context) => RemedyProgram.Show(RemedyProgram.Find(remedy.Program), Arguments(remedy, context));

    private static CustomRemedy Find(RepairContext context)
    {
        var name = context.Remedy.Needed("name");
        var remedy = context.Target.Repair.Remedies.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new MaintenanceException(
            MaintenanceErrorCode.RemedyRefused, $"The configuration of '{context.Target.Name}' has no remedy '{RepairText.Of(name, 100)}'.", "See repair.remedies in maintenance.json.");
        return IsFor(remedy, context.Finding)
            ? remedy
            : throw new MaintenanceException(
                MaintenanceErrorCode.RemedyRefused, $"The remedy '{remedy.Name}' is for findings {remedy.Finding}, not for {RepairText.Of(context.Finding.Id, 100)}.", "See repair.remedies in maintenance.json.");
    }

    private static bool IsFor(CustomRemedy remedy, Finding finding) =>
        Regex.IsMatch(finding.Id, $"^{Regex.Escape(remedy.Finding).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);

    private static IReadOnlyList<string> Arguments(CustomRemedy remedy, RepairContext context) => [.. remedy.Arguments.Select(argument => Fill(remedy, argument, context))];

    private static string Fill(CustomRemedy remedy, string argument, RepairContext context)
    {
        if (argument.Contains("{subject}", StringComparison.Ordinal) && string.IsNullOrEmpty(context.Finding.Subject))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.RemedyRefused,
                $"'{remedy.Name}' wants to be told what the finding is about ({{subject}}), and this one is about nothing in particular, such as the server as a whole.",
                "Do it by hand, or write a remedy without {subject} for such findings (repair.remedies).");
        }

        // In one pass: what was put in is not looked at again.
        var filled = Placeholder().Replace(argument, match => match.Value switch
        {
            "{target}" => context.Target.Name,
            "{database}" => context.Finding.Database ?? context.Target.Database?.Database ?? "",
            _ => context.Finding.Subject ?? "",
        });
        return filled != argument && (filled.Any(char.IsControl) || filled.Length > 1000 || (argument[0] == '{' && filled.StartsWith('-')))
            ? throw new MaintenanceException(
                MaintenanceErrorCode.RemedyRefused, $"What the finding puts into the arguments of '{remedy.Name}' is not fit to be one: '{RepairText.Of(filled, 100)}'.", "Look at it, and do it by hand.")
            : filled;
    }

    [GeneratedRegex("\\{(subject|target|database)\\}")]
    private static partial Regex Placeholder();
}
