using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Maintenance.Completion;

/// <summary>Looks names up.</summary>
/// <param name="call">What the engine needs; it hears nothing and gives no secrets.</param>
/// <param name="cancellationToken">Ends the search.</param>
internal delegate Task<IEnumerable<NameChoice>> NameSearch(CallContext call, CancellationToken cancellationToken);

/// <summary>Completes names, whoever knows them: at once, or with none. What goes wrong is told by the cmdlet, not by a keystroke.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var request = new NameRequest(GetType(), commandName, parameterName, wordToComplete, fakeBoundParameters);
            return Search(request) is { } search ? request.Fitting(request.Session.Names.Ask(request.Key, search)) : [];
        }
        catch (Exception)
        {
            // PowerShell would keep it in $Error, where nobody who pressed a key looks for it.
            return [];
        }
    }

    /// <summary>How the names are found; null where there are none. Runs on the pipeline's thread, the search itself elsewhere.</summary>
    /// <param name="request">What is completed.</param>
    internal abstract NameSearch? Search(NameRequest request);

    /// <summary>Names that the server of the target knows that is named, or connected last; none without a database.</summary>
    /// <param name="request">What is completed.</param>
    /// <param name="find">Asks for them.</param>
    private protected static NameSearch? OfServer(NameRequest request, Func<MaintenanceTarget, CallContext, CancellationToken, Task<IReadOnlyList<string>>> find) =>
        request.Target is { Database: not null } target ? async (call, token) => (await find(target, call, token)).Select(name => new NameChoice(name)) : null;

    /// <summary>Names that are known without asking anybody.</summary>
    /// <param name="names">The names; called away from the pipeline's thread, since the engine may have to be loaded for them.</param>
    private protected static NameSearch Known(Func<IEnumerable<NameChoice>> names) => (_, _) => Task.FromResult(names());
}
