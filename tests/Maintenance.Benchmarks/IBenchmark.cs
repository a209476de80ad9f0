namespace Maintenance.Benchmarks;

/// <summary>One row of the performance targets: a piece of work, done by the module and by its peers.</summary>
internal interface IBenchmark : IAsyncDisposable
{
    /// <summary>How it is called on the command line.</summary>
    string Name { get; }

    /// <summary>What is measured, in one sentence.</summary>
    string Title { get; }

    /// <summary>What the module is to reach. Reported, never enforced.</summary>
    IReadOnlyList<Goal> Goals { get; }

    /// <summary>Makes the data and starts what is needed. Not measured.</summary>
    /// <param name="tell">Tells what is being prepared.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Who does the work: the module first, then its peers, also those that are missing here.</returns>
    Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken);
}

/// <summary>One who does the work.</summary>
/// <param name="Name">Who, and how.</param>
/// <param name="RunAsync">Does the work once; null if it is missing on this machine.</param>
/// <param name="Version">Version, or why it is missing.</param>
internal sealed record Contender(string Name, Func<CancellationToken, Task<Outcome>>? RunAsync, string Version);

/// <summary>What one run gave.</summary>
/// <param name="Result">The result: the same for all who did the same work; null for a floor, which does less on purpose.</param>
/// <param name="Note">What else is worth knowing, such as the number of requests.</param>
/// <param name="Elapsed">The time, where the contender measured it itself (so that starting a process does not count).</param>
internal sealed record Outcome(string? Result, string Note = "", TimeSpan? Elapsed = null);

/// <summary>A target: at most so many milliseconds, or at most so many times as long as a peer.</summary>
/// <param name="Contender">Who is to reach it.</param>
/// <param name="Peer">Whom it is compared with; null if the limit is in milliseconds.</param>
/// <param name="AtMost">The limit.</param>
internal sealed record Goal(string Contender, string? Peer, double AtMost);
