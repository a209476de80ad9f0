using System.Globalization;

namespace Maintenance.Completion;

/// <summary>Completes the ids of sandboxes that run on this machine.</summary>
public sealed class SandboxCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Session.Engine.Sandboxes.List(everyone: true).Select(sandbox => new NameChoice(
            sandbox.Id, string.Create(CultureInfo.CurrentCulture, $"{sandbox.Target.Name}, PostgreSQL {sandbox.PostgresVersion}, started {sandbox.StartedAt:g}"))));
}
