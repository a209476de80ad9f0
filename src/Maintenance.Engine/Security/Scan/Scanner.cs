namespace Maintenance.Engine.Security.Scan;

/// <summary>
/// A program that scans source code: how it is called, and what its output means. It runs nothing itself, so that each is tested on
/// recorded output; <see cref="ScannerRunner"/> runs them all alike.
/// </summary>
internal abstract class Scanner
{
    /// <summary>Its name in configurations and findings.</summary>
    public abstract string Name { get; }

    /// <summary>What it looks for.</summary>
    public abstract ScanKind Kind { get; }

    /// <summary>Its program, to be found on the PATH.</summary>
    public abstract string Program { get; }

    /// <summary>Arguments that make it tell its version.</summary>
    public virtual IReadOnlyList<string> VersionArguments => ["--version"];

    /// <summary>Whether there is anything here that it can read.</summary>
    /// <param name="path">The folder or file.</param>
    public abstract bool AppliesTo(string path);

    /// <summary>What it can read, to be told where there is nothing of it: <c>package-lock.json</c>.</summary>
    public virtual string LooksFor => "files that it can read";

    /// <summary>Name of the scanner in whose place it runs where that one is not installed; null if it always runs.</summary>
    public virtual string? StandsInFor => null;

    /// <summary>The folders and files here that it reads one by one; each is a scope of its own in findings.</summary>
    /// <param name="path">The folder or file.</param>
    public virtual IReadOnlyList<string> Places(string path) => AppliesTo(path) ? [path] : [];

    /// <summary>How to call it.</summary>
    /// <param name="path">One of its places, absolute; the program runs in this folder, or in the folder of this file.</param>
    /// <param name="resultFile">An unused name in a private folder, for a scanner that writes its result to a file.</param>
    public abstract ScanCommand Command(string path, string resultFile);

    /// <summary>How to call it, for one whose commands have changed.</summary>
    /// <param name="path">One of its places.</param>
    /// <param name="resultFile">An unused name in a private folder.</param>
    /// <param name="version">What it told of its version; null if it told nothing.</param>
    public virtual ScanCommand Command(string path, string resultFile, string? version) => Command(path, resultFile);

    /// <summary>The scanner as a query wants it.</summary>
    /// <param name="query">The query.</param>
    public virtual Scanner For(ScanQuery query) => this;

    /// <summary>Whether the beginning of a file says that this scanner wrote it.</summary>
    /// <param name="beginning">Its first kilobytes.</param>
    public abstract bool Recognises(string beginning);

    /// <summary>
    /// Makes findings of its result, secrets redacted. A result that does not hold what the scanner promises is a problem and never an
    /// empty list. Problems are phrases that a sentence goes on with, without a full stop.
    /// </summary>
    /// <param name="result">The result, as it was written; it may be hundreds of megabytes.</param>
    /// <param name="end">How the program ended; null for a file that was written at another time.</param>
    /// <param name="path">What was scanned.</param>
    /// <exception cref="InvalidDataException">It is no such result; the message completes "its result cannot be read: " and quotes nothing of it.</exception>
    public abstract ScanReading Read(Stream result, ScanEnd? end, string path);
}

/// <summary>How a scanner is called.</summary>
/// <param name="Arguments">Its arguments.</param>
/// <param name="WritesFile">True if its result is in the file it was given, false if it is its standard output.</param>
internal sealed record ScanCommand(IReadOnlyList<string> Arguments, bool WritesFile = false)
{
    /// <summary>Files that it needs, by their names in the folder of the result, with what is to be in them.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment variables to set.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>How a scanner ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Errors">The end of what it wrote to standard error.</param>
internal sealed record ScanEnd(int ExitCode, string Errors);

/// <summary>What a scanner's result says.</summary>
internal sealed record ScanReading
{
    /// <summary>What it found.</summary>
    public IReadOnlyList<ScanFlaw> Flaws { get; init; } = [];

    /// <summary>Why nothing can be concluded from it; null if it is whole. Both are possible: a scanner may find something and then fail.</summary>
    public string? Problem { get; init; }

    /// <summary>What to do about the problem.</summary>
    public string? Recommendation { get; init; }

    /// <summary>The scanner's version, if the result says it.</summary>
    public string? Version { get; init; }

    /// <summary>How many things it looked at, if the result says it.</summary>
    public long? Examined { get; init; }

    /// <summary>Facts about the scan as a whole, for the evidence of each finding.</summary>
    public IReadOnlyDictionary<string, object?> Evidence { get; init; } = new Dictionary<string, object?>();

    /// <summary>The tool that wrote it, where one adapter reads those of many; null for the scanner itself.</summary>
    public string? Tool { get; init; }

    /// <summary>How many flaws somebody has suppressed in the source, which are not among <see cref="Flaws"/>.</summary>
    public int Suppressed { get; init; }

    /// <summary>What was left out on purpose, to be told with what was looked at.</summary>
    public string? Note { get; init; }

    public static ScanReading Failed(string problem, string? recommendation = null) => new() { Problem = problem, Recommendation = recommendation };
}

/// <summary>One thing that a scanner found.</summary>
/// <param name="Subject">The thing: a package and its version, a file and its line.</param>
/// <param name="Message">One sentence, without any secret.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Identity">What makes it the same the next time: the rule and the place, not the line, which moves.</param>
internal sealed record ScanFlaw(string Subject, string Message, FindingSeverity Severity, string Identity)
{
    public IReadOnlyDictionary<string, object?> Evidence { get; init; } = new Dictionary<string, object?>();

    public string? Recommendation { get; init; }

    /// <summary>What standards say of it: a CWE, a CVE.</summary>
    public IReadOnlyList<FindingMapping> Mappings { get; init; } = [];
}
