using System.Runtime.CompilerServices;

namespace Maintenance.Engine.History;

/// <summary>Makes one sequence of several that each begin with their newest run.</summary>
internal static class NewestFirst
{
    /// <summary>All runs, newest first, each once. A source that fails ends there; the others go on.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="failed">Told of each source that failed.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<MaintenanceRun> MergeAsync(
        IEnumerable<IAsyncEnumerable<MaintenanceRun>> sources,
        Action<MaintenanceException> failed,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var all = sources.Select(source => source.GetAsyncEnumerator(cancellationToken)).ToList();
        try
        {
            var waiting = new List<IAsyncEnumerator<MaintenanceRun>>();
            foreach (var source in all)
            {
                if (await AdvanceAsync(source, failed))
                {
                    waiting.Add(source);
                }
            }

            // Two targets may keep their history in the same place under different names.
            var seen = new HashSet<Guid>();
            while (waiting.MaxBy(source => source.Current.StartedAt) is { } newest)
            {
                if (seen.Add(newest.Current.Id))
                {
                    yield return newest.Current;
                }

                if (!await AdvanceAsync(newest, failed))
                {
                    waiting.Remove(newest);
                }
            }
        }
        finally
        {
            foreach (var source in all)
            {
                await source.DisposeAsync();
            }
        }
    }

    private static async Task<bool> AdvanceAsync(IAsyncEnumerator<MaintenanceRun> source, Action<MaintenanceException> failed)
    {
        try
        {
            return await source.MoveNextAsync();
        }
        catch (MaintenanceException exception)
        {
            failed(exception);
            return false;
        }
    }
}
