namespace Maintenance.Completion;

/// <summary>Completes databases of connected targets: those that must have backups, and their own. Asks no store.</summary>
public sealed class BackupDatabaseCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Targets
            .SelectMany(target => target.Backups.Databases.Append(target.Database is { ConnectionString: null } database ? database.Database : null)
                .OfType<string>().Select(name => new NameChoice(name, target.Name)))
            .DistinctBy(choice => choice.Name, StringComparer.Ordinal));
}
