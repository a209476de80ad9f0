using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes databases of connected targets: those that must have backups, and their own. Asks no store.</summary>
public sealed class BackupDatabaseCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(
            wordToComplete,
            MaintenanceSession.Get().Targets
                .SelectMany(target => target.Backups.Databases.Append(target.Database is { ConnectionString: null } database ? database.Database : null)
                    .OfType<string>().Select(name => (name, target.Name)))
                .DistinctBy(item => item.name, StringComparer.Ordinal));
}
