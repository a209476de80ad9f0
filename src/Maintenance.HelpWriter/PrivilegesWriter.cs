namespace Maintenance.HelpWriter;

/// <summary>Writes the notes of all cmdlets as one page: what each needs, and what it changes.</summary>
internal static class PrivilegesWriter
{
    public static string Write(IReadOnlyList<CmdletHelp> cmdlets) => string.Join('\n',
    [
        "# Privileges by cmdlet",
        "",
        "Made from the notes in the help of each cmdlet. Roles that have all of it, and what is told where something is missing: [privileges](privileges.md).",
        "",
        "| cmdlet | needs | changes |",
        "|---|---|---|",
        .. cmdlets.Select(Row),
        "",
    ]);

    // The build has seen to it that there is one note, and that it says both.
    private static string Row(CmdletHelp cmdlet)
    {
        var note = cmdlet.Notes[0].Markdown[CmdletHelp.NoteHead.Length..].Replace("|", "\\|", StringComparison.Ordinal);
        var change = note.IndexOf(CmdletHelp.Change, StringComparison.Ordinal);
        return $"| [{cmdlet.Name}](cmdlets/{cmdlet.Name}.md) | {note[..change].Trim()} | {note[(change + CmdletHelp.Change.Length)..].Trim()} |";
    }
}
