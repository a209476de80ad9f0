namespace Maintenance;

/// <summary>What a scanner is to look for.</summary>
public enum ScanKind
{
    /// <summary>Dependencies with known vulnerabilities.</summary>
    Dependencies = 0,

    /// <summary>Secrets in source code.</summary>
    Secrets,

    /// <summary>Flaws in source code.</summary>
    Code,
}

/// <summary>What to scan, and with what.</summary>
public sealed record ScanQuery
{
    /// <summary>What to look for.</summary>
    public required ScanKind Kind { get; init; }

    /// <summary>The folder or file, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>What it is called in findings; null for its own name.</summary>
    public string? Name { get; init; }

    /// <summary>Names of the scanners that must run; null for those that fit what is there.</summary>
    public IReadOnlyList<string>? Scanners { get; init => field = value?.ToArray(); }

    /// <summary>Rules for scanners that take some: files, folders, or names in their registry. Null for their own choice.</summary>
    public IReadOnlyList<string>? Rules { get; init => field = value?.ToArray(); }

    /// <summary>A file that a scanner wrote, to be read in place of running one; null to run. Which one wrote it is told by its content, unless one scanner is named.</summary>
    public string? ResultPath { get; init; }

    /// <summary>Findings that matter less are left out; that a scanner could not run is always told.</summary>
    public FindingSeverity MinimumSeverity { get; init; }
}
