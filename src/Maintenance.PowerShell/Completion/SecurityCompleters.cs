using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Engine.Security;

namespace Maintenance.Completion;

/// <summary>Completes ids of checks of the catalogue, with what each says. Asks nobody.</summary>
public sealed class SecurityCheckCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, DbSecurityService.Checks);
}

/// <summary>Completes names of databases of the server of the target that is named, or connected last.</summary>
public sealed class ServerDatabaseCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RelationCompletion.Databases(wordToComplete, fakeBoundParameters);
}
