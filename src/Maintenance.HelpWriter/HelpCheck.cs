namespace Maintenance.HelpWriter;

/// <summary>What is missing from the documentation of the cmdlets, so that a build with poor help fails.</summary>
internal static class HelpCheck
{
    public const int LeastExamples = 3;

    /// <summary>One line for each thing missing, in the form that MSBuild takes for an error of a source file.</summary>
    /// <param name="cmdlets">The cmdlets.</param>
    public static IReadOnlyList<string> Problems(IEnumerable<CmdletHelp> cmdlets) =>
        [.. cmdlets.SelectMany(ProblemsOf).Distinct()];

    private static IEnumerable<string> ProblemsOf(CmdletHelp cmdlet)
    {
        if (cmdlet.Synopsis.IsEmpty)
        {
            yield return Problem(cmdlet.ClassName, $"{cmdlet.ClassName} ({cmdlet.Name}) has no <summary>: one sentence that says what it does.");
        }

        if (cmdlet.Description.Count == 0)
        {
            yield return Problem(cmdlet.ClassName, $"{cmdlet.ClassName} ({cmdlet.Name}) has no <remarks>: when to use it.");
        }

        if (cmdlet.Notes is not [var note] || !note.Plain.Contains(CmdletHelp.Change, StringComparison.Ordinal))
        {
            yield return Problem(
                cmdlet.ClassName,
                $"{cmdlet.ClassName} ({cmdlet.Name}) has no single paragraph of its <remarks> that says: {CmdletHelp.NoteHead} what it needs. {CmdletHelp.Change}nothing, or what.");
        }

        var whole = cmdlet.Examples.Count(example => example.Code.Length > 0 && example.Remarks.Count > 0);
        if (whole < LeastExamples)
        {
            yield return Problem(
                cmdlet.ClassName,
                $"{cmdlet.ClassName} ({cmdlet.Name}) has {whole} examples with <code> and <para>; {LeastExamples} are the least.");
        }

        if (cmdlet.Links.All(link => link.Address is not null))
        {
            yield return Problem(cmdlet.ClassName, $"{cmdlet.ClassName} ({cmdlet.Name}) has no <seealso cref>: which cmdlet to look at next.");
        }

        foreach (var parameter in cmdlet.Parameters.Where(parameter => parameter.Description.Count == 0))
        {
            yield return Problem(parameter.ClassName, $"{parameter.ClassName}.{parameter.Name} has no <summary>: effect, unit and default of -{parameter.Name}.");
        }

        foreach (var parameter in cmdlet.Parameters.Where(parameter => parameter is { Description.Count: > 0, Default: null, IsMandatory: false }))
        {
            yield return Problem(parameter.ClassName, $"{parameter.ClassName}.{parameter.Name} has no sentence \"Default: ...\" in its <summary>: what -{parameter.Name} is where it is left out.");
        }
    }

    private static string Problem(string className, string text) => $"{className.Split('`')[0]}.cs : error HELP001: {text}";
}
