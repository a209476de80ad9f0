using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>Says what a restore itself came to: its errors, what was left out, and what was restored.</summary>
/// <param name="work">The test.</param>
/// <param name="place">Where.</param>
/// <param name="errors">The complaints.</param>
internal sealed class RestoreReport(TestWork work, RestorePlace place, RestoreErrors errors)
{
    private const string Check = "Restore";

    private BackupLevel Level => work.Options.Level;

    /// <summary>Notes it in the test.</summary>
    /// <param name="tablespaces">Tablespaces that the dump speaks of.</param>
    /// <param name="sample">The tables whose rows were restored; null for all.</param>
    /// <param name="missingExtensions">Extensions that could not be installed.</param>
    public void Write(IReadOnlyCollection<string> tablespaces, IReadOnlyList<DumpTable>? sample, IReadOnlyList<string> missingExtensions)
    {
        if (missingExtensions.Count > 0)
        {
            work.Unknown("Extensions", Level, $"{string.Join(", ", missingExtensions)}: not to be had on {place.Name}. What needs them was not restored.");
            work.Advice ??= "Install the extensions on this machine, or restore on a server that has them with -ScratchTarget.";
        }

        if (errors.LeftOut.Count > 0)
        {
            work.Manual("Left out", Level, $"What speaks of roles that are not on {place.Name} was not restored there: {RestoreChecks.List(errors.LeftOut)}.");
        }

        if (tablespaces.Count > 0)
        {
            work.Manual("Tablespaces", Level, $"Tablespaces were left out, and what lies in them was restored into the default one: {RestoreChecks.List([.. tablespaces.Order(StringComparer.Ordinal)])}. A recovery needs them, or pg_restore --no-tablespaces.");
        }

        if (errors.Removals > 0)
        {
            work.Manual("Clean", Level, $"The dump was made with --clean, and first removes what is not there yet: {RestoreChecks.Count(errors.Removals, "statement")} failed for that, as in every new database. pg_dump --if-exists avoids it.");
        }

        if (errors.Denied.Count > 0)
        {
            work.Unknown("Rights", Level, $"The role may not do everything on {place.Name} that the backup needs: {RestoreChecks.List(errors.Denied)}.");
            work.Advice ??= "Restore it into a scratch server (leave -ScratchTarget out), or with a role that may do that.";
        }

        if (errors.Count == 0)
        {
            var what = sample is null ? Whole() : $"The schema and the rows of {RestoreChecks.Count(sample.Count, "table")} were restored into {place.Name}: {string.Join(", ", sample)}.";
            work.Pass(Check, Level, errors.Harmless == 0 ? what : FormattableString.Invariant($"{what} Complaints that say nothing about the backup: {errors.Harmless}."));
            return;
        }

        foreach (var group in errors.All.GroupBy(error => error.Fault))
        {
            Write(group.Key, [.. group.Select(error => error.Message)], missingExtensions.Count > 0);
        }
    }

    private void Write(BackupFault fault, IReadOnlyList<string> messages, bool extensionsAreMissing)
    {
        var message = $"{(fault == BackupFault.RestoreFailed ? $"The restore had {RestoreChecks.Count(errors.Count, "error")}" : "The restore had errors")}. {RestoreChecks.List(messages)}.{(errors.Followers == 0 ? "" : FormattableString.Invariant($" {errors.Followers} of them came after a COPY had failed, when its rows are taken for statements, and are not told."))}";
        if (extensionsAreMissing && fault == BackupFault.RestoreFailed)
        {
            // What needs them cannot be restored, and whether more is wrong cannot be told.
            work.Unknown(Check, Level, message, fault);
            return;
        }

        work.Fail(Check, Level, fault, message);
        work.Advice ??= "Restore it by hand to see all errors (pg_restore --dbname), and take a new backup.";
    }

    private string Whole() =>
        $"Restored into {place.Name}{(place.IsOurs ? "" : ", without owners and privileges, since roles belong to the whole server")}.";
}
